// Building module files in the real sandbox: what comes out, and how each fault of an author is told.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BuildOptions, buildModule } from '../../../../src/chassis/build/build-module.ts'
import { type Chassis, loadModule, manifestOf, openChassis, quickJsModule } from '../../../../src/chassis/index.ts'
import { type JsonObject, silentLogger, systemClock } from '../../../../src/foundation/index.ts'
import { buildWorkerFile, type WorkerFile } from '../../../support/guest-worker.ts'
import { PARCEL, sealedAgent } from '../../../support/module-files.ts'
import { signingKey } from '../../../support/signing-key.ts'
import { type TemporaryFolder, temporaryFolder } from '../../../support/temporary.ts'

const key = signingKey('me')
let worker: WorkerFile
let chassis: Chassis
let folder: TemporaryFolder
let project: string
let count = 0

beforeAll(async () => {
  worker = await buildWorkerFile()
  folder = await temporaryFolder('build')
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

beforeEach(async () => {
  count += 1
  project = join(folder.path, `project-${count}`)
  await mkdir(project)
})

const write = (file: string, text: string | Uint8Array) => writeFile(join(project, file), text)
const build = (input: string, more: Partial<BuildOptions> = {}) =>
  buildModule({ input: join(project, input), key: key.pem, chassis, manifestOf, ...more })

const AGENT = `
export const describe = () => ({ kind: 'agent', id: 'echo', name: 'Echo', version: '1.2.0' })
export const execute = (input) => input
`

/** An adapter whose description and functions are those of a small provider, but for what is given. */
function adapter(description: JsonObject = {}, code = ''): string {
  const functions: Record<string, string> = {
    plan: "plan = ({ input }) => ({ request: { method: 'GET', path: '/messages', query: { to: input.to, limit: input.limit } } })",
    apply: 'apply = ({ response }) => ({ result: response.body })',
    health: "health = () => ({ tell: 'well' })",
  }
  const own = Object.entries(functions)
    .filter(([name]) => !code.includes(`export const ${name} `))
    .map(([, text]) => `export const ${text}`)
  return [`export const describe = () => (${JSON.stringify({ ...PARCEL, ...description })})`, ...own, code].join('\n')
}

describe('a build', () => {
  it('bundles own files and packages into one script', async () => {
    await mkdir(join(project, 'node_modules/shout'), { recursive: true })
    await write('node_modules/shout/package.json', '{"name":"shout","main":"main.js"}')
    await write('node_modules/shout/main.js', 'module.exports = (text) => text.toUpperCase()')
    await write('words.ts', 'export const words = (text: string): string[] => text.split(" ")')
    await write(
      'agent.ts',
      `import shout from 'shout'\nimport { words } from './words.ts'\nimport { log } from 'infrafabric:host'\n${AGENT.replace('(input) => input', "({ text }: { text: string }) => { log('info', 'hi'); return words(shout(text)) }")}`,
    )

    const { bytes, module, contractFile } = await build('agent.ts')
    const loaded = loadModule(bytes, { file: 'm', trustedKeys: [key.trusted] })

    expect(contractFile).toBeUndefined()
    expect(module.contract).toMatchObject({ swarm_id: 'echo', version: '1.2.0' })
    expect((await chassis.run({ module: loaded, export: 'execute', input: { text: 'a b' } })).output).toEqual([
      'A',
      'B',
    ])
  })

  it('of the same sources and key is the same file, wherever they lie', async () => {
    await write('agent.mjs', AGENT)
    const first = await build('agent.mjs')
    await mkdir(join(project, 'elsewhere'))
    await write('elsewhere/agent.mjs', AGENT)

    expect(Buffer.from((await build('elsewhere/agent.mjs')).bytes)).toEqual(Buffer.from(first.bytes))
  })

  it('plans each example as a real call would be, with the defaults of its input', async () => {
    await write('adapter.js', adapter())

    const { module } = await build('adapter.js')

    expect(module.examples).toEqual({
      'message.list': [{ request: { method: 'GET', path: '/messages', query: { to: 'a', limit: 100 } }, cost: 'free' }],
    })
    expect(module.manifest).toMatchObject({
      entrypoint: 'module:parcel@2.1.0',
      operations: { 'message.list': { path: '/v1/messages' } },
    })
  })

  it('takes the contract beside the source, or the one that is named', async () => {
    await write('agent.js', AGENT)
    await write('contract.yaml', 'swarm_id: beside\nversion: 1.2.0\n')
    await write('other.yaml', 'swarm_id: named\nversion: 1.2.0\nresource_requirements: { max_memory_mb: 32 }\n')

    expect((await build('agent.js')).module.contract.swarm_id).toBe('beside')
    expect((await build('agent.js', { contract: join(project, 'other.yaml') })).module.contract).toMatchObject({
      swarm_id: 'named',
      resource_requirements: { max_memory_mb: 32, max_cpu_percent: 25 },
    })
  })

  it('leaves no instance of what it asked behind', async () => {
    await write('agent.js', AGENT)
    await build('agent.js')

    expect(chassis.resources().filter(({ id }) => id === 'unbuilt')).toEqual([])
  })

  it('ends when nobody wants it any more', async () => {
    await write(
      'agent.js',
      AGENT.replace('() => (', '() => { for (;;); return (').replace("'1.2.0' })", "'1.2.0' }) }"),
    )

    await expect(build('agent.js', { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      code: 'IF_ERR_CANCELLED',
    })
  })
})

describe('is refused with its line:', () => {
  it('a module of Node', async () => {
    await write(
      'agent.ts',
      `// a comment\nimport { readFileSync } from 'fs'\n${AGENT}export const read = readFileSync\n`,
    )

    await expect(build('agent.ts')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringMatching(/agent\.ts:2:30 .*"fs" is a module of Node, which a sandbox has not$/),
      hint: expect.stringContaining('infrafabric:host'),
      details: { line: 2 },
    })
  })

  it.each([
    ["import('node:child_process')", 'is a module of Node'],
    ["require('http')", 'is a module of Node'],
    ["import('./gone.ts')", 'Could not resolve'],
    ["import('left-pad')", 'Could not resolve'],
    ["import('https://example.com/x.js')", 'cannot be bundled'],
    ["import('infrafabric:secrets')", 'infrafabric:secrets'],
    ['const a: = 1', 'Unexpected'],
  ])('%s', async (code, said) => {
    await write('agent.ts', `${AGENT}export const more = () => { ${code} }\n`)

    await expect(build('agent.ts')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining(said),
    })
  })

  it('several faults, the first with its line and the number of the others', async () => {
    await write('agent.ts', `import 'fs'\nimport 'net'\nimport 'tls'\n${AGENT}`)

    await expect(build('agent.ts')).rejects.toMatchObject({
      message: expect.stringMatching(/agent\.ts:1:8 .* \(and 2 more\)$/),
    })
  })

  it('a contract that is wrong, or of another version or file', async () => {
    await write('agent.js', AGENT)
    await write('contract.yaml', 'swarm_id: a\nversion: 1.2.0\nresource_requirements:\n  max_memroy_mb: 5\n')
    await expect(build('agent.js')).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_FILE',
      message: expect.stringContaining('contract.yaml:4 resource_requirements: unknown field "max_memroy_mb"'),
    })

    await write('contract.yaml', 'swarm_id: a\nversion: 1.3.0\n')
    await expect(build('agent.js')).rejects.toMatchObject({
      message: expect.stringMatching(
        /contract\.yaml:2 version: expected 1\.2\.0, the version that `describe` tells, got 1\.3\.0/,
      ),
    })

    await write('a.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    await write('contract.yaml', 'swarm_id: a\nversion: 1.2.0\nwasm_module: b.wasm\n')
    await expect(build('a.wasm')).rejects.toMatchObject({
      message: expect.stringContaining(
        'contract.yaml:3 wasm_module: names b.wasm, but the module is built from a.wasm',
      ),
    })
    await expect(build('agent.js', { contract: join(project, 'gone.yaml') })).rejects.toMatchObject({
      code: 'IF_ERR_NOT_FOUND',
    })
  })
})

describe('is refused for what the module says:', () => {
  it('an export that is missing', async () => {
    await write('agent.js', 'export const execute = (input) => input')
    await expect(build('agent.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining('it does not export describe (it exports execute)'),
    })

    await write('agent.js', AGENT.replace('execute', 'run'))
    await expect(build('agent.js')).rejects.toMatchObject({
      message: expect.stringContaining('does not export execute'),
    })
  })

  it.each([
    [{ version: 1 }, 'describe: version: expected string, received number'],
    [{ category: 'mail' }, 'describe: category'],
    [{ oprations: {} }, 'describe: unknown field "oprations"'],
    [{ kind: 'plugin' }, 'describe: kind'],
    [{ baseUrls: { main: 'ftp://a' } }, 'describe: baseUrls.main: expected an address with http(s)://'],
    [{ operations: { 'message.list': { ...PARCEL.operations['message.list'], effect: 'none' } } }, '.effect'],
  ])('a description with %j', async (description, said) => {
    await write('adapter.js', adapter(description as JsonObject))

    await expect(build('adapter.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining(said),
    })
  })

  it('no description at all, and one that throws', async () => {
    await write('agent.js', AGENT.replace(/\(\{ kind.*\}\)/, '(undefined)'))
    await expect(build('agent.js')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_FAILED' })

    await write('agent.js', AGENT.replace(/\(\{ kind.*\}\)/, "{ throw new Error('not today') }"))
    await expect(build('agent.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
      message: expect.stringContaining('not today'),
    })
  })

  it('a description that never comes, by the limits of its contract', async () => {
    await write('agent.js', AGENT.replace(/\(\{ kind.*\}\)/, '{ for (;;); }'))
    await write(
      'contract.yaml',
      'swarm_id: a\nversion: 1.2.0\nresource_requirements: { max_execution_time_seconds: 0.2 }\n',
    )

    await expect(build('agent.js')).rejects.toMatchObject({ code: 'IF_ERR_MODULE_LIMIT' })
  })

  it('an example that is no input of its operation', async () => {
    const example = { input: { too: 'a' }, response: { messages: [] } }
    const operations = { 'message.list': { ...PARCEL.operations['message.list'], examples: [example] } }
    await write('adapter.js', adapter({ operations } as JsonObject))

    await expect(build('adapter.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining('operations.message.list.examples[0].input: '),
    })
  })

  it('a plan or a result of an example that has not its shape', async () => {
    await write('adapter.js', adapter({}, "export const plan = () => ({ request: { method: 'GOT', path: '/' } })"))
    await expect(build('adapter.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
      message: expect.stringMatching(/^operations\.message\.list\.examples\[0\]: .*request\.method/),
    })

    await write('adapter.js', adapter({}, 'export const apply = () => ({ result: { messages: [{ id: 1 }] } })'))
    await expect(build('adapter.js')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining('the result that `apply` makes of its response: messages[0].id'),
    })
  })

  it('an operation outside the vocabulary without schemas', async () => {
    const operations = { 'parcel.open': PARCEL.operations['message.list'] }
    await write('adapter.js', adapter({ operations } as JsonObject))

    await expect(build('adapter.js')).rejects.toMatchObject({
      message: expect.stringContaining('operations.parcel.open: is not in the vocabulary'),
    })
  })
})

describe('is refused as a file:', () => {
  it('one that is not there, of another kind, or built already', async () => {
    await write('agent.py', 'print(1)')
    await write('built.wasm', sealedAgent(key))
    await write('broken.wasm', 'no wasm')

    await expect(build('gone.ts')).rejects.toMatchObject({ code: 'IF_ERR_NOT_FOUND' })
    await expect(build('agent.py')).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      message: expect.stringContaining('agent.py: expected a file that ends in .ts, .mts, .js, .mjs or .wasm'),
    })
    await expect(build('built.wasm')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining('it holds a section infrafabric.kind already'),
    })
    await expect(build('broken.wasm')).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_INVALID',
      message: expect.stringContaining('broken.wasm at byte 0: '),
    })
  })

  it('a key that is none, before anything runs', async () => {
    await write('agent.js', AGENT)

    await expect(build('agent.js', { key: 'hunter2' })).rejects.toMatchObject({
      code: 'IF_ERR_INVALID_INPUT',
      message: expect.not.stringContaining('hunter2'),
    })
  })
})
