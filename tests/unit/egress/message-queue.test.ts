import { describe, expect, it } from 'vitest'
import { MessageQueue } from '../../../src/egress/message-queue.ts'
import { FabricError } from '../../../src/foundation/index.ts'

function setUp() {
  const said: string[] = []
  const queue = new MessageQueue({
    host: 'a.example',
    pause: () => said.push('pause'),
    resume: () => said.push('resume'),
    overflow: () => said.push('overflow'),
  })
  return { said, queue }
}

describe('the message queue', () => {
  it('hands messages out in order, those that come later too', async () => {
    const { queue } = setUp()
    queue.push('1')
    const reader = queue[Symbol.asyncIterator]()

    const first = await reader.next()
    const second = reader.next()
    queue.push('2')
    queue.end()

    expect([first.value, (await second).value, (await reader.next()).done]).toEqual(['1', '2', true])
  })

  it('pauses the socket when it fills and resumes it when it is half empty', async () => {
    const { queue, said } = setUp()
    for (let at = 0; at < 300; at++) queue.push(String(at))
    expect(said).toEqual(['pause'])

    const reader = queue[Symbol.asyncIterator]()
    for (let at = 0; at < 200; at++) await reader.next()

    expect(said).toEqual(['pause', 'resume'])
  })

  it('pauses on size too', () => {
    const { queue, said } = setUp()

    queue.push('x'.repeat(5 * 1024 * 1024))

    expect(said).toEqual(['pause'])
  })

  it('fails on a flood', async () => {
    const { queue, said } = setUp()
    for (let at = 0; at < 5000; at++) queue.push('')

    const read = async () => {
      for await (const _message of queue);
    }

    await expect(read()).rejects.toMatchObject({ code: 'IF_ERR_BAD_RESPONSE' })
    expect(said).toContain('overflow')
  })

  it('throws the first end after what waited', async () => {
    const { queue } = setUp()
    queue.push('last')
    queue.end(new FabricError('IF_ERR_PROVIDER_UNAVAILABLE', 'cut'))
    queue.end()
    queue.push('too late')
    const reader = queue[Symbol.asyncIterator]()

    expect((await reader.next()).value).toBe('last')
    await expect(reader.next()).rejects.toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
  })
})
