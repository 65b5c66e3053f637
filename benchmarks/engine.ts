// What the engine costs beside a bare request to the same local provider: a call, the whole pipeline, the first token of a
// stream, a thousand streams; and @portkey-ai/gateway in the same run. Environment: ENGINE_PARTS (streams, calls, first,
// pipeline). The ratios carry over to other machines, the figures don't.
import { benchCalls, benchPipeline } from './engine/calls.ts'
import { startGateway, startProvider } from './engine/children.ts'
import { benchFirstToken, benchManyStreams } from './engine/streams.ts'

export const name = 'engine'

const asked = process.env.ENGINE_PARTS?.split(',')
const wants = (part: string): boolean => asked?.includes(part) ?? true

/** Measures and prints. Streams come first, before anything else has made the process large. */
export async function run(): Promise<void> {
  const provider = await startProvider()
  try {
    if (wants('streams')) await benchManyStreams(provider)
    if (wants('first')) await benchFirstToken(provider)
    if (wants('calls')) {
      const gateway = await startGateway()
      await benchCalls(provider, gateway).finally(() => gateway?.end())
    }
    if (wants('pipeline')) await benchPipeline(provider)
  } finally {
    await provider.end()
  }
}
