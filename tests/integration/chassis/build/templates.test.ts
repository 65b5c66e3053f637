// Each template is a project that builds with the real tools, loads, and works in the real sandbox.
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildModule } from '../../../../src/chassis/build/build-module.ts'
import { newModule, type TemplateLanguage } from '../../../../src/chassis/build/new-module.ts'
import { type Chassis, loadModule, manifestOf, openChassis, quickJsModule } from '../../../../src/chassis/index.ts'
import type { ModuleKind } from '../../../../src/chassis/module/guest-interface.ts'
import { type JsonValue, silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { buildWorkerFile, type WorkerFile } from '../../../support/guest-worker.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../support/temporary.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const templates = join(ROOT, 'templates/chassis')
const run = promisify(execFile)
const key = signingKey('me')

let worker: WorkerFile
let chassis: Chassis
let folder: TemporaryFolder

beforeAll(async () => {
  worker = await buildWorkerFile()
  folder = await temporaryFolder('templates')
  chassis = await openChassis({
    clock: systemClock,
    logger: silentLogger,
    quickJs: quickJsModule,
    workers: 1,
    workerFile: worker.path,
  })
})

afterAll(async () => {
  await chassis.close()
  await worker.remove()
  await folder.remove()
})

/** Compilers take their time on a machine that does other things too. */
const COMPILING_MS = 240_000

const projects = new Map<string, ReturnType<typeof make>>()

/** A project of a template, its `npm run build` done with the repository's own tools, built and loaded; once each. */
function made(lang: TemplateLanguage, kind: ModuleKind): ReturnType<typeof make> {
  const name = `${lang}-${kind}`
  const known = projects.get(name) ?? make(lang, kind, name)
  projects.set(name, known)
  return known
}

async function make(lang: TemplateLanguage, kind: ModuleKind, name: string) {
  const project = join(folder.path, name)
  const written = await newModule({ lang, kind, folder: project, name, templates })
  if (lang !== 'ts') {
    const { scripts } = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'))
    const [command = '', ...parameters] = scripts.build.split(' ')
    await run(join(ROOT, 'node_modules/.bin', command), parameters, { cwd: project })
  }
  const { bytes } = await buildModule({ input: join(project, written.input), key: key.pem, chassis, manifestOf })
  return { project, written, module: loadModule(bytes, { file: 'built', trustedKeys: [key.trusted] }) }
}

const ADAPTERS: TemplateLanguage[] = ['ts', 'assemblyscript']
const AGENTS: TemplateLanguage[] = ['ts', 'wat', 'assemblyscript']

describe.each(ADAPTERS)('the adapter in %s', { timeout: COMPILING_MS }, (lang) => {
  it('builds into a provider with the name it was given, whose manifest reaches one host', async () => {
    const { module } = await made(lang, 'adapter')

    expect(module).toMatchObject({
      id: `${lang}-adapter`,
      version: '1.0.0',
      signedBy: 'me',
      contract: { swarm_id: `${lang}-adapter`, resource_requirements: { max_memory_mb: 64 } },
      description: { secrets: { [`${lang.toUpperCase()}_ADAPTER_TOKEN`]: {} } },
      manifest: {
        id: `if://capability/${lang}-adapter`,
        entrypoint: `module:${lang}-adapter@1.0.0`,
        hosts: ['https://api.example.com'],
        operations: {
          'message.send': { method: 'POST', path: '/v1/messages', effect: 'send' },
          'message.list': { method: 'GET', path: '/v1/folders/{folder}/messages', effect: 'read' },
        },
      },
    })
  })

  it('plans, reads answers and tells of its health', async () => {
    const { module } = await made(lang, 'adapter')
    const ask = async (of: 'plan' | 'apply' | 'health', input: JsonValue) =>
      (await chassis.run({ module, export: of, input, seed: 'a' })).output
    const input = { to: 'a@example.com', text: 'it\'s "5 €"\n' }

    expect(await ask('plan', { operation: 'message.send', input })).toMatchObject({
      request: { method: 'POST', path: '/v1/messages', json: { to: input.to, body: input.text } },
      cost: { maxUsd: '0.0004' },
    })
    expect(await ask('plan', { operation: 'message.send', input, undo: { result: {}, before: null } })).toEqual({
      undo: null,
    })
    const body = { messages: [{ id: 'm1', body: 'é\u0001', sent_at: '2026-01-01T00:00:00Z' }] }
    expect(
      await ask('apply', {
        operation: 'message.list',
        input: { to: 'inbox' },
        response: { status: 200, headers: {}, body },
      }),
    ).toEqual({ result: { messages: [{ id: 'm1', text: 'é\u0001', from: null, sentAt: '2026-01-01T00:00:00Z' }] } })
    expect(await ask('health', { result: { messages: [] } })).toEqual({
      tell: 'the inbox can be read (0 mails asked for)',
    })
  })
})

describe.each(AGENTS)('the agent in %s', { timeout: COMPILING_MS }, (lang) => {
  it('builds, loads and does its task, again and again in the same instance', async () => {
    const { module } = await made(lang, 'agent')
    const kept = new Map<string, string>()
    const lines: string[] = []
    const host = {
      kv: {
        get: async (name: string) => kept.get(name),
        set: async (name: string, value: string) => void kept.set(name, value),
        delete: async (name: string) => void kept.delete(name),
        list: async () => [...kept.keys()],
      },
      log: (_level: string, text: string) => void lines.push(text),
    }
    const results: JsonValue[] = []
    for (let count = 0; count < 20; count += 1)
      results.push((await chassis.run({ module, export: 'execute', input: { text: 'two words' }, host })).output)

    expect(module).toMatchObject({ id: `${lang}-agent`, manifest: undefined, description: { kind: 'agent' } })
    expect(results[0]).toMatchObject(lang === 'wat' ? { text: 'two words' } : { words: 2 })
    expect(results).toHaveLength(20)
    expect(lines).toHaveLength(20)
  })
})

it('the agent in WebAssembly text takes questions larger than its first memory', async () => {
  const { module } = await made('wat', 'agent')
  const text = 'x'.repeat(200_000)

  expect((await chassis.run({ module, export: 'execute', input: { text } })).output).toEqual({ text })
})

it('the agent in TypeScript acts through its host alone', async () => {
  const { module } = await made('ts', 'agent')
  const intents: JsonValue[] = []
  const kv = {
    get: async () => undefined,
    set: async () => undefined,
    delete: async () => undefined,
    list: async () => [],
  }
  const call = async (intent: JsonValue) => {
    intents.push(intent)
    return { result: { id: 'm7' }, run: 'r1' }
  }

  const { output } = await chassis.run({
    module,
    export: 'execute',
    input: { instance: 'slack', to: '#general', text: 'hi' },
    host: { kv, call },
  })

  expect(output).toEqual({ told: 1, sent: 'm7', run: 'r1' })
  expect(intents).toEqual([
    { instance: 'slack', operation: 'message.send', input: { to: '#general', text: 'hi' }, why: 'task 1' },
  ])
})

it.each(['adapter', 'agent'] as const)(
  'the types of the %s in TypeScript hold',
  async (kind) => {
    const project = join(folder.path, `types-${kind}`)
    await newModule({ lang: 'ts', kind, folder: project, templates })

    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project])
  },
  COMPILING_MS,
)

it('names what it wrote and what is to be done first', async () => {
  const { written, project } = await made('wat', 'agent')
  const inside = await readdir(project)

  expect(written).toEqual({
    name: 'wat-agent',
    kind: 'agent',
    files: ['README.md', 'contract.yaml', 'module.wat', 'package.json'],
    input: 'module.wasm',
    prepare: 'npm install && npm run build',
  })
  expect(inside.sort()).toEqual([...written.files, 'module.wasm'].sort())
})

it('touches no folder that holds anything', async () => {
  const occupied = await temporaryFolder('occupied')
  await writeFile(join(occupied.path, 'notes.txt'), 'mine')

  await expect(newModule({ lang: 'ts', folder: occupied.path, templates })).rejects.toMatchObject({
    code: 'IF_ERR_ALREADY_EXISTS',
  })
  expect(await readdir(occupied.path)).toEqual(['notes.txt'])
  await occupied.remove()
})

it('refuses a name that no module can have, and an adapter in WebAssembly text', async () => {
  const into = join(folder.path, 'never')

  await expect(newModule({ lang: 'ts', folder: into, name: 'My Mail', templates })).rejects.toMatchObject({
    code: 'IF_ERR_INVALID_INPUT',
    message: '"My Mail" cannot be the name of a module',
  })
  await expect(newModule({ lang: 'wat', kind: 'adapter', folder: into, templates })).rejects.toMatchObject({
    code: 'IF_ERR_UNSUPPORTED',
    hint: 'There is one in ts and assemblyscript.',
  })
  expect(await readdir(folder.path)).not.toContain('never')
})
