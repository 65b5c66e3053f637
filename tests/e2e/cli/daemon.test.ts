// The daemon and the work it hands out, with the built command as real processes: started, used, ended and killed.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CommandOptions, type Ended, errorOf, ifab, type Running, startIfab } from '../../support/command.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'

const SLOW = { timeout: 60_000 }

let folder: TemporaryFolder
let home: string
let running: Running[]
beforeEach(async () => {
  folder = await temporaryFolder('cli-daemon')
  home = folder.path
  running = []
})
afterEach(async () => {
  for (const one of running) one.kill()
  await Promise.all(running.map(({ ended }) => ended))
  await folder.remove()
})

const run = (words: string[], options: Partial<CommandOptions> = {}): Promise<Ended> =>
  ifab(words, { home, ...options })

async function json<T = Record<string, unknown>>(words: string[], options: Partial<CommandOptions> = {}): Promise<T> {
  const { code, stdout, stderr } = await run([...words, '--json'], options)
  if (code !== 0) throw new Error(`${words.join(' ')} exits ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

function start(words: string[], env: Record<string, string> = {}): Running {
  const one = startIfab(words, { home, env })
  running.push(one)
  return one
}

/** The first whole line that a command says on stdout. */
const firstLine = ({ process, ended }: Running): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    process.stdout?.on('data', (text: string) => {
      said += text
      const end = said.indexOf('\n')
      if (end >= 0) resolve(said.slice(0, end))
    })
    void ended.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)), reject)
  })

interface Up {
  daemon: Running
  url: string
  socket: string
}

async function up(): Promise<Up> {
  const daemon = start(['up', '--port', '0', '--json'])
  const { url, socket } = JSON.parse(await firstLine(daemon))
  return { daemon, url, socket }
}

const way = async (): Promise<string> => (await json<{ way: { kind: string } }>(['coordinator', 'status'])).way.kind

/** A daemon that is slow to answer, as on a busy machine, is left alone: so it may take more than one look. */
async function usesDaemon(): Promise<void> {
  while ((await way()) !== 'daemon');
}

interface Claimed {
  task: { id: string }
  token: number
  claim: string
}

describe('without a daemon', () => {
  it('a task that one process claimed is completed by another with the token', SLOW, async () => {
    await json(['task', 'add', 'resize', 'image=cat.png', '--id', 'one'])

    const { token, claim } = await json<Claimed>(['task', 'claim'])
    const wrong = await run(['task', 'complete', 'one', '--token', String(token + 1), '--json'])
    const right = await run(['task', 'complete'], { env: { IFAB_CLAIM: claim } })

    expect([wrong.code, errorOf(wrong).code]).toEqual([6, 'IF_ERR_CLAIM_LOST'])
    expect([right.code, right.stdout]).toEqual([0, '✓ one resize done\n'])
  })

  it('of several processes that claim one task at once exactly one wins', SLOW, async () => {
    await json(['task', 'add', 'resize', '--id', 'one'])

    const all = await Promise.all(Array.from({ length: 4 }, () => run(['task', 'claim', 'one', '--json'])))

    expect(all.map(({ code }) => code).sort()).toEqual([0, 6, 6, 6])
  })
})

describe('ifab up', () => {
  it('is used by itself, hands a task to who waits for it, and ends well at SIGTERM', SLOW, async () => {
    const { daemon, socket } = await up()
    await usesDaemon()
    expect((await stat(socket)).mode & 0o077).toBe(0)

    const waiting = run(['task', 'claim', '--wait', '20s', '--json'])
    await json(['task', 'add', 'resize', '--id', 'one'])
    const claim: Claimed = JSON.parse((await waiting).stdout)
    const second = await run(['up', '--port', '0', '--json'])
    daemon.kill('SIGTERM')
    const { code, stdout, stderr } = await daemon.ended

    expect(claim.task.id).toBe('one')
    expect([second.code, errorOf(second).message.includes('is served already')]).toEqual([6, true])
    expect([code, stderr]).toEqual([143, ''])
    const events = stdout.trim().split('\n')
    expect(events.map((line) => JSON.parse(line).event)).toEqual(['up', 'stopping', 'down'])
    expect(await way()).toBe('home')
    expect((await run(['task', 'complete', 'one', '--token', String(claim.token)])).code).toBe(0)
  })

  it('is done without after kill -9, and replaced by the next one', SLOW, async () => {
    const { daemon } = await up()
    await json(['task', 'add', 'resize', '--id', 'one'])
    daemon.kill('SIGKILL')
    await daemon.ended

    expect(await way()).toBe('home')
    const claim = await json<Claimed>(['task', 'claim'])
    const again = await up()
    await usesDaemon()
    expect((await run(['task', 'complete', 'one', '--token', String(claim.token)])).code).toBe(0)
    again.daemon.kill('SIGINT')
    expect((await again.daemon.ended).code).toBe(130)
  })

  it('that dies under a watch leaves one error that says what to do', SLOW, async () => {
    const { daemon, socket } = await up()
    const watch = start(['coordinator', 'status', '--watch', '--json'], { IFAB_URL: `unix:${socket}` })
    await firstLine(watch)
    daemon.kill('SIGKILL')

    const ended = await watch.ended

    expect([ended.code, errorOf(ended).code]).toEqual([7, 'IF_ERR_DAEMON_UNAVAILABLE'])
    expect(errorOf(ended).hint).not.toBeNull()
  })

  it('lets in who has a token, for what the token is good for, until it is revoked', SLOW, async () => {
    const { url } = await up()
    const file = join(home, 'crew.token')
    const { id } = await json<{ id: string }>([
      ...['token', 'create', '--actor', 'if://agent/crew', '--scope', 'read', '--scope', 'tasks', '--out', file],
    ])
    const elsewhere = { IFAB_HOME: join(home, 'other'), IFAB_URL: url, IFAB_TOKEN_FILE: file }

    await json(['task', 'add', 'resize', '--id', 'one'], { env: elsewhere })
    const listed = await json<{ id: string }[]>(['task', 'list'], { env: elsewhere })
    const tokens = await run(['token', 'list', '--json'], { env: elsewhere })
    await json(['token', 'revoke', id])
    const revoked = await run(['task', 'list', '--json'], { env: elsewhere })
    const nobody = await run(['task', 'list', '--json'], { env: { ...elsewhere, IFAB_TOKEN_FILE: '' } })

    expect(listed.map((task) => task.id)).toEqual(['one'])
    expect(tokens.code).toBe(3)
    expect([revoked.code, errorOf(revoked).code]).toEqual([5, 'IF_ERR_INVALID_TOKEN'])
    expect(nobody.code).toBe(5)
  })

  it('is reached by its name from another home, and logs what it did', SLOW, async () => {
    const { url } = await up()
    const token = (await run(['token', 'create', '--actor', 'if://person/ben', '--scope', 'read'])).stdout
    const elsewhere = { IFAB_HOME: join(home, 'other') }

    const added = await run(['context', 'add', 'studio', '--url', url, '--token-file', '-'], {
      env: elsewhere,
      input: token,
    })
    const once = await json<{ way: { context: string } }>(['coordinator', 'status', '--context', 'studio'], {
      env: elsewhere,
    })
    await run(['context', 'use', 'studio'], { env: elsewhere })
    const used = await run(['doctor'], { env: elsewhere })
    const logs = await run(['logs'])

    expect([added.code, added.stdout.includes(token.trim())]).toEqual([0, false])
    expect(once.way.context).toBe('studio')
    expect(used.stdout).toContain(`daemon studio (${url})`)
    expect(logs.stdout).toContain('the daemon serves')
    expect(logs.stdout).not.toContain(token.trim())
  })
})

describe('--watch and -f', () => {
  it('end at Ctrl-C with 130, and quietly where the reader goes away', SLOW, async () => {
    await json(['task', 'add', 'resize', '--id', 'one'])
    const watch = start(['task', 'list', '--watch', '--json'])
    expect(JSON.parse(await firstLine(watch))).toMatchObject({ id: 'one' })
    const logs = start(['logs', '-f'])

    const piped = start(['task', 'show', 'one', '--watch'])
    await firstLine(piped)
    piped.process.stdout?.destroy()
    await json(['task', 'claim', 'one'])
    watch.kill('SIGINT')
    logs.kill('SIGINT')

    expect([(await watch.ended).code, (await watch.ended).stderr]).toEqual([130, ''])
    expect((await piped.ended).stderr).toBe('')
    expect([130, null]).toContain((await logs.ended).code) // null: the signal came before it could listen
  })
})
