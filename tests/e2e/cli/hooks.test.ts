// Webhooks through the built command: a daemon as a real process, deliveries signed by the vendor's own library, and what
// `ifab hook` says of them.
import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ended, errorOf, ifab, type Running, startIfab } from '../../support/command.ts'
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary.ts'
import { canMount, openTinyDisk } from '../../support/tiny-disk.ts'

const SLOW = { timeout: 120_000 }
const WHSEC = 'whsec_e2e0123456789abcdef'
const stripe = new Stripe('sk_test_x')

let folder: TemporaryFolder
let running: Running[]
beforeEach(async () => {
  folder = await temporaryFolder('cli-hooks')
  running = []
})
afterEach(async () => {
  for (const one of running) one.kill()
  await Promise.all(running.map(({ ended }) => ended))
  await folder.remove()
})

const say = (words: string, home = folder.path): Promise<Ended> => ifab(words.split(' '), { home })

async function addStripe(home = folder.path): Promise<void> {
  const input = `STRIPE_SECRET_KEY=sk_test_0123456789\nSTRIPE_WEBHOOK_SECRET=${WHSEC}\n`
  const { code, stderr } = await ifab('provider add stripe --no-test --secrets-from -'.split(' '), { home, input })
  if (code !== 0) throw new Error(stderr)
}

function start(words: string, home = folder.path): Running {
  const one = startIfab(words.split(' '), { home })
  running.push(one)
  return one
}

/** Resolves once this has been said. */
const until = ({ process, ended }: Running, stream: 'stdout' | 'stderr', text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    process[stream]?.on('data', (chunk: string) => {
      said += chunk
      if (said.includes(text)) resolve(said)
    })
    void ended.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)), reject)
  })

async function up(home = folder.path): Promise<string> {
  const daemon = start('up --port 0 --public-url https://hooks.example.com --json', home)
  return JSON.parse(await until(daemon, 'stdout', '\n')).url
}

function deliver(url: string, id: string, object: object = { id: 'pi_1' }, secret = WHSEC): Promise<Response> {
  const created = Math.floor(Date.now() / 1000)
  const payload = JSON.stringify({ id, object: 'event', type: 'payment_intent.succeeded', created, data: { object } })
  return fetch(`${url}/hooks/stripe`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret }),
    },
    body: payload,
  })
}

describe('ifab hook', () => {
  it(
    'shows what a vendor has sent, without the secret that it repeats and without control characters',
    SLOW,
    async () => {
      await addStripe()
      const url = await up()

      const taken = await deliver(url, 'evt_1', { id: 'pi_1', note: `\u001b[31mred ${WHSEC}` })
      const refused = await deliver(url, 'evt_2', {}, 'whsec_of_somebody_else')
      const [list, show, address] = await Promise.all([say('hook list'), say('hook show evt_1'), say('hook address')])

      expect([taken.status, refused.status]).toEqual([200, 401])
      expect(list.stdout).toMatch(/^\w{8} {2}\S+Z {2}stripe {2}payment_intent\.succeeded {2}evt_1\n$/)
      expect(show.stdout).toContain('"note": "\\u001b[31mred <redacted>"')
      expect(address.stdout).toContain('stripe  https://hooks.example.com/hooks/stripe\n')
      for (const { stdout, stderr } of [list, show, address]) expect(stdout + stderr).not.toContain(WHSEC)
    },
  )

  it('is followed as it comes, from an event on too', SLOW, async () => {
    await addStripe()
    const url = await up()
    await deliver(url, 'evt_1')
    await deliver(url, 'evt_2')
    const { id } = JSON.parse((await say('hook show evt_1 --json')).stdout)

    const tail = start(`hook tail --after ${id}`)
    const earlier = await until(tail, 'stdout', 'evt_2\n')
    const later = until(tail, 'stdout', 'evt_3\n')
    await deliver(url, 'evt_3')

    expect(earlier).not.toContain('evt_1')
    expect(await later).toContain('evt_3')
    tail.kill('SIGINT')
    expect((await tail.ended).code).toBe(130)
  })

  it('waits without a daemon too, as one may start, and says that nothing comes until then', SLOW, async () => {
    await addStripe()

    const tail = start('hook tail')
    await until(tail, 'stderr', 'no daemon serves this home, so nothing comes in')
    const still = await Promise.race([tail.ended.then(() => 'ended'), say('hook list').then(() => 'waits')])

    expect(still).toBe('waits')
    tail.kill('SIGINT')
    expect((await tail.ended).code).toBe(130)
  })

  it('names what is not there', SLOW, async () => {
    const ended = await say('hook show evt_9 --json')

    expect(ended.code).toBe(4)
    expect(errorOf(ended)).toMatchObject({ code: 'IF_ERR_NOT_FOUND', next: 'ifab hook list' })
  })

  it.skipIf(!canMount)(
    'answers no success on a full disk, and keeps the event once when there is room',
    SLOW,
    async () => {
      await addStripe()
      const disk = openTinyDisk('24m', folder.path)
      try {
        const url = await up(disk.path)
        await deliver(url, 'evt_1')

        disk.fill()
        const full = await deliver(url, 'evt_2', { text: 'x'.repeat(900_000) })
        disk.free()
        const answers = [await deliver(url, 'evt_2'), await deliver(url, 'evt_2')]

        expect(full.status).toBe(503)
        expect(full.headers.get('retry-after')).toBe('10')
        expect(answers.map(({ status }) => status)).toEqual([200, 200])
        const { stdout } = await say('hook list --json', disk.path)
        expect(JSON.parse(stdout).map(({ event }: { event: string }) => event)).toEqual(['evt_2', 'evt_1'])
      } finally {
        for (const one of running) one.kill()
        await Promise.all(running.map(({ ended }) => ended))
        disk.remove()
      }
    },
  )
})
