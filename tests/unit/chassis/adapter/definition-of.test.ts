import { describe, expect, it } from 'vitest'
import {
  buildRequest,
  generateManifest,
  type Instance,
  instanceSchema,
  type LoadedProvider,
  operationOf,
  parseInput,
  preparedFor,
  undoOf,
} from '../../../../src/adapter/index.ts'
import { type AdapterGuest, definitionOf } from '../../../../src/chassis/adapter/definition-of.ts'
import { manifestOf } from '../../../../src/chassis/adapter/manifest-of.ts'
import { type AdapterDescription, plannedSchema } from '../../../../src/chassis/module/description.ts'
import { DESCRIPTION, describedAs, EXAMPLES, guest } from './mail-adapter.ts'

const INSTANCE: Instance = instanceSchema.parse({ version: 1, name: 'mail', provider: 'acme-mail' })

function provider(of: AdapterGuest = guest(), description: AdapterDescription = describedAs()): LoadedProvider {
  const definition = definitionOf(description, EXAMPLES, of)
  return { definition, manifest: manifestOf(description, EXAMPLES), digest: 'd'.repeat(64), signedBy: 'test' }
}

async function built(of: AdapterGuest, operation: string, input: Record<string, unknown>) {
  const loaded = provider(of)
  const named = operationOf(loaded, operation)
  const parsed = parseInput(named, input as never)
  const entry = await preparedFor(named, parsed)
  return buildRequest({ provider: loaded, instance: INSTANCE, entry, input: parsed })
}

describe('an adapter that others wrote', () => {
  it('has the manifest that its description and examples give, without asking the guest', () => {
    const manifest = manifestOf(describedAs(), EXAMPLES)

    expect(manifest).toMatchObject({
      id: 'if://capability/acme-mail',
      entrypoint: 'module:acme-mail@1.0.0',
      hosts: ['https://api.acme.example'],
      requires_secrets: ['ACME_TOKEN'],
    })
    expect(manifest.operations).toMatchObject({
      'message.send': { effect: 'send', method: 'POST', path: '/v1/mails' },
      'acme-mail:inbox.count': { effect: 'read', reads: 'private', returns: 'untrusted', sends: 'external' },
      'acme-mail:message.recall': { effect: 'delete', path: '/v1/mails/{id}' },
    })
  })

  it('gives the same manifest from a definition with a live guest', () => {
    const live = generateManifest(definitionOf(describedAs(), EXAMPLES, guest()), 'module:acme-mail@1.0.0')

    expect(live).toEqual(manifestOf(describedAs(), EXAMPLES))
  })

  it('asks the guest for the request of an input and shows the secret as a hole', async () => {
    const mail = guest()

    const { planned } = await built(mail, 'message.send', { to: 'bo@example.com', text: 'Hi' })

    expect(mail.asked).toEqual([{ operation: 'message.send', input: { to: 'bo@example.com', text: 'Hi' } }])
    expect(planned).toMatchObject({
      method: 'POST',
      url: 'https://api.acme.example/v1/mails',
      headers: { Authorization: 'Bearer <ACME_TOKEN>' },
      body: { to: 'bo@example.com', text: 'Hi' },
    })
  })

  it('fills path parameters so that they stay one segment', async () => {
    const { planned } = await built(guest(), 'message.recall', { id: '../../admin' })

    expect(planned.url).toBe('https://api.acme.example/v1/mails/..%2F..%2Fadmin')
  })

  it('refuses a request that no example of the signed manifest has', async () => {
    const elsewhere = guest({
      plan: async () => plannedSchema.parse({ request: { method: 'GET', path: '/v1/admin' } }),
    })

    await expect(built(elsewhere, 'message.recall', { id: 'm1' })).rejects.toMatchObject({
      code: 'IF_ERR_EGRESS_DENIED',
      message: expect.stringContaining('GET https://api.acme.example/v1/admin'),
    })
  })

  it.each([
    ['names a host by header', { request: { method: 'POST', path: '/v1/mails', headers: { Host: 'evil.example' } } }],
    [
      'frames the body itself',
      { request: { method: 'POST', path: '/v1/mails', headers: { 'transfer-encoding': 'x' } } },
    ],
    ['breaks a header name', { request: { method: 'POST', path: '/v1/mails', headers: { 'x\r\ny': 'z' } } }],
    ['has two bodies', { request: { method: 'POST', path: '/v1/mails', json: {}, form: {} } }],
    ['hides a query in the path', { request: { method: 'POST', path: '/v1/mails?to=x' } }],
    ['climbs in the path', { request: { method: 'POST', path: '/v1/../mails' } }],
    [
      'costs more than at most',
      { request: { method: 'POST', path: '/v1/mails' }, cost: { estimateUsd: '2', maxUsd: '1', basis: 'b' } },
    ],
  ])('refuses a guest whose request %s', async (_what, planned) => {
    const bad = guest({ plan: async () => plannedSchema.parse(planned) })

    await expect(built(bad, 'message.send', { to: 'a', text: 'b' })).rejects.toMatchObject({
      code: 'IF_ERR_MODULE_FAILED',
    })
  })

  it('reckons money from decimal texts, never from floats', async () => {
    const priced = guest({
      plan: async () =>
        plannedSchema.parse({
          request: { method: 'POST', path: '/v1/mails' },
          cost: { estimateUsd: '0.0000001', maxUsd: '0.3', basis: 'a mail' },
          moves: { amountMinor: 5, currency: 'EUR', direction: 'out' },
        }),
    })
    const named = operationOf(provider(priced), 'message.send')

    const { operation } = await preparedFor(named, { to: 'a', text: 'b' })

    expect(typeof operation.cost === 'function' && operation.cost({})).toMatchObject({
      kind: 'priced',
      estimateMicroUsd: 1,
      maxMicroUsd: 300_000,
    })
    expect(operation.moves?.({})).toEqual({ amountMinor: 5, currency: 'EUR', direction: 'out' })
  })

  it('asks the guest how an operation is taken back', async () => {
    const named = operationOf(provider(), 'message.send')

    const undo = await undoOf(named, { input: {}, result: { id: 'm7' }, before: undefined })

    expect(undo).toEqual({ operation: 'message.recall', input: { id: 'm7' } })
    expect(named.operation.undoLabel).toBe('message.recall')
  })

  it('says that nothing takes an effect back where its description names no undo', async () => {
    const named = operationOf(provider(), 'message.recall')

    expect(await undoOf(named, { input: {}, result: {}, before: undefined })).toEqual({
      none: 'its module names no undo',
    })
  })

  it.each([
    [{ status: 200, body: { error: { code: 'slow_down' } } }, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [{ status: 401, body: {} }, 'IF_ERR_AUTH_FAILED'],
    [{ status: 404, body: { message: 'no such mail' } }, 'IF_ERR_NOT_FOUND'],
    [{ status: 418, body: {} }, 'IF_ERR_ACTION_FAILED'],
    [{ status: 503, body: {} }, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [{ status: 200, body: { ok: true } }, undefined],
  ])('reads the answer %j as %s', ({ status, body }, code) => {
    const text = JSON.stringify(body)
    const { errors } = provider().definition

    expect(errors({ status, headers: {}, body: new TextEncoder().encode(text), text })?.code).toBe(code)
  })

  it.each([
    ['a secret that it does not have', { auth: { scheme: 'bearer', secret: 'OTHER' } }, 'OTHER'],
    [
      'schemas for an operation of the vocabulary',
      { operations: { 'message.send': { ...DESCRIPTION.operations['message.send'], input: { type: 'object' } } } },
      'in the vocabulary',
    ],
    [
      'no schema for an operation of its own',
      { operations: { 'inbox.count': { ...DESCRIPTION.operations['inbox.count'], input: undefined } } },
      'needs an input and an output schema',
    ],
    [
      'a schema whose pattern could take long',
      {
        operations: {
          'inbox.count': {
            ...DESCRIPTION.operations['inbox.count'],
            input: { type: 'object', properties: { q: { type: 'string', pattern: '^(a+)+$' } } },
          },
        },
      },
      'could take long',
    ],
  ])('is refused where its description has %s', (_what, change, words) => {
    const description = describedAs(change)

    expect(() => definitionOf(description, EXAMPLES, guest())).toThrow(words)
  })

  it('answers at its twin with the example of the route', () => {
    const { twin } = provider().definition

    expect(twin.operations['message.send']?.({ template: '/v1/mails' } as never)).toEqual({
      body: DESCRIPTION.operations['message.send'].examples[0].response,
    })
    expect(twin.fault('rate-limited', 'slow')).toEqual({ status: 429, body: { error: { message: 'slow' } } })
  })
})
