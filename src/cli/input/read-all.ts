// Everything that comes on standard input, with a limit, so that a wrong pipe cannot fill the memory.
import { FabricError } from '../../foundation/index.ts'
import type { TerminalInput } from '../io.ts'

const LIMIT_BYTES = 16 * 1024 * 1024

export async function readAll(stdin: TerminalInput): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    size += bytes.length
    if (size > LIMIT_BYTES) throw new FabricError('IF_ERR_INVALID_INPUT', 'standard input is larger than 16 MB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
