// Providers that are gone, refuse, or talk nonsense: what is told, and what is on record afterwards.

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { errorOf, ifab } from '../../support/command.ts'
import { tracesIn } from '../../support/home-view.ts'
import { openStudio, type Studio } from '../../support/studio.ts'

let studio: Studio

beforeAll(async () => {
  studio = await openStudio()
  const key = { STRIPE_SECRET_KEY: { kind: 'value' as const, value: 'sk_test_expired' } }
  await studio.fabric.addInstance({ provider: 'stripe', name: 'gone', twin: await deadAddress(), secrets: key })
  await studio.fabric.addInstance({ provider: 'stripe', name: 'expired', twin: studio.relays.stripe.url, secrets: key })
})

afterAll(() => studio.close())

/** An address at which nobody listens any more. */
async function deadAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const pay = (instance: string, ...more: string[]) => {
  const words = `apply ${instance} payment.create amount=100 currency=EUR source=pm_card_visa --json`
  return ifab([...words.split(' '), ...more], { home: studio.home })
}

it('says that an unreachable host is unreachable, and holds nothing for it', async () => {
  const ended = await pay('gone', '--timeout', '900ms') // less than the wait for a second try

  expect(ended.code).toBe(7)
  expect(errorOf(ended)).toMatchObject({
    code: 'IF_ERR_PROVIDER_UNAVAILABLE',
    message: expect.stringMatching(/^127\.0\.0\.1:\d+: the connection is refused/),
    next: expect.stringMatching(/^ifab apply --resume /),
  })
  expect(await studio.fabric.run('last')).toMatchObject({ state: 'failed', costUsd: 0 })
  expect((await tracesIn(studio.home)).held).toBe(0)
})

it('says that an expired credential is not accepted, and holds nothing for it', async () => {
  const ended = await pay('expired')

  expect(ended.code).toBe(5)
  expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_AUTH_FAILED', message: expect.stringContaining('answered 401') })
  expect(await studio.fabric.run('last')).toMatchObject({ state: 'failed', costUsd: 0 })
  expect((await tracesIn(studio.home)).held).toBe(0)
})

it('takes back an instance whose credential is refused when it is added', async () => {
  const words = `provider add stripe --as refused --twin ${studio.relays.stripe.url} --secret STRIPE_SECRET_KEY=- --json`
  const ended = await ifab(words.split(' '), { home: studio.home, input: 'sk_test_wrong' })

  expect(ended.code).toBe(5)
  expect((await tracesIn(studio.home)).files).not.toContain('providers/refused.yaml')
  expect(await studio.fabric.secrets()).not.toContainEqual(expect.objectContaining({ instance: 'refused' }))
})

it('keeps the cost of an effect held whose answer is nonsense, until the resume learns the outcome', async () => {
  studio.twins.stripe.setFaults([{ operation: 'payment.create', probability: 1, kind: 'garbage' }])
  const ended = await pay('stripe')

  expect(ended.code).toBe(7)
  expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_BAD_RESPONSE', message: expect.stringContaining('is not JSON') })
  expect((await tracesIn(studio.home)).held).toBe(1)

  studio.twins.stripe.setFaults([])
  const resumed = await ifab(['apply', '--resume', 'last', '--json'], { home: studio.home })

  expect(resumed.code).toBe(0)
  expect(studio.twins.stripe.effects).toHaveLength(1)
  expect((await tracesIn(studio.home)).held).toBe(0)
})

it('says unknown where a message may have been sent, refuses to send it again, and believes a person', async () => {
  studio.twins.slack.setFaults([{ operation: 'message.send', probability: 1, kind: 'drop-after' }])
  const tell = ['apply', 'slack', 'message.send', 'to=#studio', 'text=hello', '--json']
  const ended = await ifab(tell, { home: studio.home })
  const resumed = await ifab(['apply', '--resume', 'last', '--json'], { home: studio.home })
  const settle = ['run', 'settle', 'last', 'step', '--as', 'done', '--why', 'seen in the channel', '--json']
  const settled = await ifab(settle, { home: studio.home })

  expect([ended.code, resumed.code, settled.code]).toEqual([8, 8, 0])
  expect(errorOf(ended)).toMatchObject({
    code: 'IF_ERR_OUTCOME_UNKNOWN',
    next: expect.stringMatching(/^ifab run settle /),
  })
  expect(studio.twins.slack.effects).toHaveLength(1)
  expect((await studio.fabric.run('last')).state).toBe('done')
})
