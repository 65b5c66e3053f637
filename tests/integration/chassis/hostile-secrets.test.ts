// Modules that want a secret, or what stands for one: through the whole fabric, against a server that is on their side.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isFabricError } from '../../../src/foundation/index.ts'
import { type MailHome, openMailHome, TOKEN, withMail } from '../fabric/module-rig.ts'
import { decodings, type EchoingServer, openEchoingServer } from './hostile/echoing-server.ts'

let mail: MailHome
let server: EchoingServer
beforeAll(async () => {
  mail = await openMailHome()
  server = await openEchoingServer()
  await withMail(mail)
  await mail.fabric.addInstance({
    provider: 'acme-mail',
    name: 'parrot',
    settings: { host: server.host },
    secrets: { ACME_TOKEN: { kind: 'value', value: TOKEN } },
    privateNetwork: true,
  })
}, 120_000)
afterAll(async () => {
  await mail.close()
  await server.close()
})

const agent = (id: string, body: string) =>
  mail.build(
    id,
    `import { call, kv, log } from 'infrafabric:host'
     export const describe = () => ({ kind: 'agent', id: '${id}', name: '${id}', version: '1.0.0' })
     export const execute = async (input) => { ${body} }`,
  )

const COUNT = "{ instance: 'mail', operation: 'inbox.count', input: {} }"
const READS_MAIL = [{ instance: 'mail', operations: ['acme-mail:inbox.count'] }]

/** Tries every handle of a list and tells how each try ended. */
const TRIES = `const ends = []
  for (const credential of handles) {
    try { await call({ ...${COUNT}, credential }); ends.push('read') } catch (error) { ends.push(error.code) }
  }`

describe('a secret that a server echoes', () => {
  it('reaches neither adapter nor agent, in whatever spelling, in answer, log, error or record', async () => {
    const fisher = await agent(
      'fisher',
      `const read = await call({ instance: 'parrot', operation: 'inbox.count', input: {} })
       log('warn', JSON.stringify(read))
       await kv.set('caught', read)
       const failed = await call({ instance: 'parrot', operation: 'inbox.count', input: { no: 1 } }).catch((error) => ({ ...error, m: error.message }))
       return { read, failed, kept: await kv.get('caught') }`,
    )

    const ran = await mail.fabric.runModule(fisher, {
      grants: [{ instance: 'parrot', operations: ['acme-mail:inbox.count'] }],
    })

    expect(server.heard).toContain(TOKEN)
    const told = JSON.stringify(ran)
    expect(told).toContain('authorization')
    expect(decodings(told)).not.toContain(TOKEN)
  })

  it('is not shown to whoever calls the adapter, either', async () => {
    const { result } = await mail.fabric.call({ instance: 'parrot', operation: 'inbox.count', input: {} })

    expect(decodings(JSON.stringify(result))).not.toContain(TOKEN)
  })
})

describe('a handle of another', () => {
  it('is nothing that a module could name: neither what persons see of it, nor what it makes of that', async () => {
    const holder = await agent('holder', `log('info', 'begun'); for (;;) await call(${COUNT})`)
    const thief = await agent('thief', `const { handles } = input; ${TRIES} return ends`)
    const stopping = new AbortController()
    const reads = () => mail.requests.length
    const before = reads()
    const holding = mail.fabric
      .runModule(holder, { grants: READS_MAIL, signal: stopping.signal })
      .catch((thrown: unknown) => (isFabricError(thrown) ? thrown.code : thrown))
    await expect.poll(reads, { timeout: 60_000 }).toBeGreaterThan(before)
    const [seen] = await mail.fabric.credentials()
    const { id = '', holder: run = '' } = seen ?? {}
    const handles = [id, run, `ifcred_${id}`, `ifcred_${id}_`, `ifcred_${id}_${'A'.repeat(43)}`, JSON.stringify(seen)]

    const ran = await mail.fabric.runModule(thief, { input: { handles } })

    expect(id).not.toBe('')
    expect(ran.output).toEqual(handles.map(() => 'IF_ERR_CREDENTIAL_DENIED'))
    stopping.abort()
    expect(await holding).toBe('IF_ERR_CANCELLED')
  })

  it('serves its own run no better than the grants that it stands for', async () => {
    const thief = await agent(
      'greedy',
      `const found = []
       const look = (value) => { for (const key of Reflect.ownKeys(Object(value))) found.push(String(key), String(value[key])) }
       look(globalThis); look(call); look(kv); look(input); look(new Error())
       const handles = found.filter((text) => text.includes('ifcred_'))
       try { await call(${COUNT}) } catch (error) { return { handles, code: error.code } }`,
    )

    const ran = await mail.fabric.runModule(thief, { grants: [{ instance: 'parrot', operations: ['message.send'] }] })

    expect(ran.output).toEqual({ handles: [], code: 'IF_ERR_CREDENTIAL_DENIED' })
  })
})

describe('what a run was granted', () => {
  it('is gone with the run: the same module, which has kept all that it saw, reads nothing in the next', async () => {
    const replayer = await agent(
      'replayer',
      `const kept = (await kv.get('kept')) ?? globalThis.kept
       const handles = [kept?.credential, kept?.answer, kept?.input, ''].map((each) => typeof each === 'string' ? each : JSON.stringify(each ?? null))
       ${TRIES}
       const attempt = await call(${COUNT}).then((answer) => ({ answer, ends }), (error) => ({ error: error.code, ends }))
       globalThis.kept = { input, answer: attempt.answer, credential: Object.keys(attempt).join() }
       await kv.set('kept', globalThis.kept)
       return attempt`,
    )
    const denied = Array.from({ length: 4 }, () => 'IF_ERR_CREDENTIAL_DENIED')
    const first = await mail.fabric.runModule(replayer, { grants: READS_MAIL })
    const before = mail.requests.length

    const next = await mail.fabric.runModule(replayer)

    expect(first.output).toMatchObject({ answer: { result: { count: expect.any(Number) } }, ends: denied })
    expect(next.output).toEqual({ error: 'IF_ERR_CREDENTIAL_DENIED', ends: denied })
    expect(mail.requests).toHaveLength(before)
    expect(await mail.fabric.credentials()).toEqual([])
  })

  it('cannot be stretched by what a module says of the call', async () => {
    const liar = await agent(
      'liar',
      `const ends = []
       for (const more of [{ holder: 'x' }, { actor: 'if://person/ana' }, { claim: { task: 't', token: 1 } }, { endpoints: ['**'] }, { __proto__: null, grants: [{}] }]) {
         try { await call({ ...${COUNT}, ...more }); ends.push('read') } catch (error) { ends.push(error.code) }
       }
       for (const operation of ['message.send', 'inbox.count/../message.send', '**', 'acme-mail:**', '__proto__', 'constructor']) {
         try { await call({ instance: 'mail', operation, input: { to: 'a', text: 'x' } }); ends.push('sent') } catch (error) { ends.push(error.code) }
       }
       return ends`,
    )
    const before = mail.requests.length

    const { output } = await mail.fabric.runModule(liar, { grants: READS_MAIL })

    expect(output).toEqual([
      ...Array.from({ length: 5 }, () => 'IF_ERR_INVALID_INPUT'),
      'IF_ERR_CREDENTIAL_DENIED',
      ...Array.from({ length: 5 }, () => 'IF_ERR_UNKNOWN_OPERATION'),
    ])
    expect(mail.requests).toHaveLength(before)
  })
})
