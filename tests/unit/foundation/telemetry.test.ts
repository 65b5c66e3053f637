import { describe, expect, it } from 'vitest'
import {
  type Clock,
  createLogger,
  createTrace,
  type LogLevel,
  Redactor,
  silentLogger,
} from '../../../src/foundation/index.ts'

let ms = 0
const clock: Clock = { now: () => 1_700_000_000_000 + ms, monotonic: () => ms, sleep: async () => undefined }

function logged(level: LogLevel | undefined, redactor = new Redactor()) {
  const lines: string[] = []
  const logger = createLogger({ ...(level ? { level } : {}), clock, redactor, write: (line) => lines.push(line) })
  return { logger, lines }
}

describe('a log line', () => {
  it('is one JSON object with time, level and message', () => {
    ms = 0
    const { logger, lines } = logged('debug')

    logger.debug('looking', { step: 'a' })

    expect(lines).toEqual(['{"at":"2023-11-14T22:13:20.000Z","level":"debug","message":"looking","step":"a"}\n'])
  })

  it.each<[LogLevel | undefined, number]>([
    ['debug', 4],
    ['info', 3],
    [undefined, 2],
    ['error', 1],
    ['silent', 0],
  ])('is written from level %s on: %i of 4', (level, count) => {
    const { logger, lines } = logged(level)

    logger.debug('d')
    logger.info('i')
    logger.warn('w')
    logger.error('e')

    expect(lines).toHaveLength(count)
  })

  it('holds no secret, by value or by name', () => {
    const redactor = new Redactor()
    redactor.add('sk_canary_123')
    const { logger, lines } = logged('info', redactor)

    logger.info('got sk_canary_123', { password: 'hunter2', deep: [{ echo: 'sk_canary_123' }] })

    expect(lines[0]).not.toMatch(/canary|hunter2/)
  })

  it('goes nowhere from the silent logger', () => {
    expect(() => {
      silentLogger.debug('a')
      silentLogger.info('a')
      silentLogger.warn('a')
      silentLogger.error('a')
    }).not.toThrow()
  })
})

describe('a trace', () => {
  it('collects nested spans with their times', async () => {
    ms = 0
    const trace = createTrace({ clock, collect: true })

    await trace.span('outer', { a: 1 }, async (child) => {
      ms = 5
      await child.span('inner', {}, async () => {
        ms = 7.5
      })
    })

    const [outer, inner] = trace.spans
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(outer).toMatchObject({
      name: 'outer',
      parentSpanId: null,
      durationMs: 7.5,
      status: 'ok',
      attributes: { a: 1 },
    })
    expect(inner).toMatchObject({ name: 'inner', parentSpanId: outer?.spanId, durationMs: 2.5 })
  })

  it('marks the span of a failure and throws on', async () => {
    const trace = createTrace({ clock, collect: true, traceId: 'f'.repeat(32) })

    const failing = trace.span('bad', {}, async () => {
      throw new Error('no')
    })

    await expect(failing).rejects.toThrow('no')
    expect(trace.spans[0]?.status).toBe('error')
    expect(trace.traceId).toBe('f'.repeat(32))
  })

  it('records nothing when nobody traces', async () => {
    const trace = createTrace({ clock, collect: false })

    expect(await trace.span('a', {}, async () => 3)).toBe(3)
    expect(trace.spans).toEqual([])
  })
})
