import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LogLine, readLogs } from '../../../src/server/index.ts'
import { openLog } from '../../../src/server/log.ts'
import { LogFile, logPath } from '../../../src/server/log-file.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

let folder: TemporaryFolder
let home: string
beforeEach(async () => {
  folder = await temporaryFolder('logs')
  home = folder.path
})
afterEach(async () => {
  vi.restoreAllMocks()
  await folder.remove()
})

const lineOf = (message: string, level = 'info', at = '2026-11-25T03:00:00.000Z'): string =>
  `${JSON.stringify({ at, level, message, port: 7420 })}\n`

async function all(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const messages: string[] = []
  for await (const { message } of lines) messages.push(message)
  return messages
}

describe('the log file', () => {
  it('is put aside when it is full, and the oldest is removed', () => {
    const log = new LogFile({ home, maxBytes: 200, files: 3 })
    for (let at = 0; at < 20; at++) log.write(lineOf(`line ${at}`))
    log.close()

    expect([0, 1, 2, 3].map((age) => existsSync(logPath(home, age)))).toEqual([true, true, true, false])
    expect(statSync(logPath(home, 1)).size).toBeLessThanOrEqual(200)
    expect(statSync(logPath(home, 0)).mode & 0o777).toBe(0o600)
    expect(readFileSync(logPath(home, 0), 'utf8')).toContain('line 19')
  })

  it('goes on where the last process ended', () => {
    for (let at = 0; at < 2; at++) {
      const log = new LogFile({ home })
      log.write(lineOf(`line ${at}`))
      log.close()
    }

    expect(readFileSync(logPath(home, 0), 'utf8').trim().split('\n')).toHaveLength(2)
  })

  it('that can’t be written costs lines and one word of trouble, and goes on when it can', () => {
    writeFileSync(join(home, 'logs'), 'in the way')
    const trouble: unknown[] = []
    const log = new LogFile({ home, onTrouble: (cause) => trouble.push(cause) })
    log.write(lineOf('lost'))
    log.write(lineOf('lost too'))
    rmSync(join(home, 'logs'))
    log.write(lineOf('kept'))
    log.close()

    expect(trouble).toHaveLength(1)
    expect(readFileSync(logPath(home, 0), 'utf8')).toContain('kept')
  })

  it('gets all lines of its level, stderr only what is a warning or worse', () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const { logger, close } = openLog({ home, level: 'info' })
    logger.debug('too fine')
    logger.info('served', { token: 'x' })
    logger.warn('careful')
    logger.error('broken')
    close()

    expect(said.mock.calls.map(([text]) => (JSON.parse(String(text)) as { message: string }).message)).toEqual([
      'careful',
      'broken',
    ])
    expect(readFileSync(logPath(home, 0), 'utf8').match(/"message":"(\w| )+"/g)).toHaveLength(3)
  })

  it('says on stderr that it can’t be written', () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    writeFileSync(join(home, 'logs'), 'in the way')
    const { logger, close } = openLog({ home, level: 'info' })
    logger.info('lost')
    close()

    expect(String(said.mock.calls[0]?.[0])).toContain("can't be written")
  })
})

describe('reading the log', () => {
  it('gives what is there, oldest first, across files, without torn lines', async () => {
    mkdirSync(join(home, 'logs'))
    writeFileSync(logPath(home, 2), lineOf('first'))
    writeFileSync(logPath(home, 1), `${lineOf('second')}{"torn\n${lineOf('third')}`)
    writeFileSync(logPath(home, 0), `${lineOf('fourth')}{"at":"half`)

    expect(await all(readLogs({ home }))).toEqual(['first', 'second', 'third', 'fourth'])
    expect(await all(readLogs({ env: { IFAB_HOME: home } }))).toHaveLength(4)
  })

  it('gives nothing where there is no log', async () => {
    expect(await all(readLogs({ home }))).toEqual([])
  })

  it('keeps to a level and a time, and lays out the rest of a line', async () => {
    mkdirSync(join(home, 'logs'))
    writeFileSync(
      logPath(home, 0),
      lineOf('old', 'error', '2026-11-25T01:00:00.000Z') + lineOf('chatty', 'debug') + lineOf('grave', 'warn'),
    )

    const lines: LogLine[] = []
    for await (const line of readLogs({ home, level: 'warn', since: Date.parse('2026-11-25T02:00:00Z') }))
      lines.push(line)

    expect(lines).toEqual([{ at: '2026-11-25T03:00:00.000Z', level: 'warn', message: 'grave', fields: { port: 7420 } }])
  })

  it('follows what is written, across rotations, until it is told to end', async () => {
    const log = new LogFile({ home, maxBytes: 200 })
    const leaving = new AbortController()
    const reading = (async () => {
      const seen: string[] = []
      for await (const { message } of readLogs({ home, follow: true, signal: leaving.signal })) {
        seen.push(message)
        if (seen.length < 6) log.write(lineOf(`line ${seen.length}`))
        else leaving.abort()
      }
      return seen
    })()
    await new Promise((resolve) => setTimeout(resolve, 20))
    log.write(lineOf('line 0'))

    expect(await reading).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    log.close()
  })
})
