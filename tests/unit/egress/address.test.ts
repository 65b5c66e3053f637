import { describe, expect, it } from 'vitest'
import { addressRefusal } from '../../../src/egress/address.ts'
import { checkedLookup, checkLiteral, type Resolve } from '../../../src/egress/lookup.ts'

const PRIVATE = [
  '127.0.0.1',
  '127.8.8.8',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.10',
  '169.254.3.4',
  '100.64.0.1',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fd12:3456::1',
]
const NEVER = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  'fd00:ec2::254',
  '0.0.0.0',
  '0.1.2.3',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '::',
  '::7f00:1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:7f00:1::1',
  '2001:0:1::1',
  'not an address',
  '',
]
const PUBLIC = ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808']

describe('an address', () => {
  it.each(PRIVATE)('%s is reached only where private addresses are allowed', (address) => {
    expect(addressRefusal(address, false)).toMatch(/private/)
    expect(addressRefusal(address, true)).toBeUndefined()
  })

  it.each(NEVER)('%s is never reached', (address) => {
    expect(addressRefusal(address, false)).toEqual(expect.any(String))
    expect(addressRefusal(address, true)).toEqual(expect.any(String))
  })

  it.each(PUBLIC)('%s is reached', (address) => {
    expect(addressRefusal(address, false)).toBeUndefined()
  })

  it('given as a literal host is judged too', () => {
    expect(() => checkLiteral('10.0.0.1', false)).toThrow(/10\.0\.0\.1 is a private/)
    expect(() => checkLiteral('10.0.0.1', true)).not.toThrow()
    expect(() => checkLiteral('api.example.com', false)).not.toThrow()
  })
})

describe('the lookup of a socket', () => {
  const ask = (resolve: Resolve, all: boolean, allowPrivate = false) =>
    new Promise<unknown[]>((answer) =>
      checkedLookup({ resolve, allowPrivate })('name.example', { all }, (...answered: unknown[]) => answer(answered)),
    )
  const fixed =
    (...addresses: string[]): Resolve =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  it('hands out all addresses where all may be reached', async () => {
    const answer = await ask(fixed('8.8.8.8', '2606:4700::1111'), true)

    expect(answer).toEqual([
      null,
      [
        { address: '8.8.8.8', family: 4 },
        { address: '2606:4700::1111', family: 6 },
      ],
    ])
  })

  it('hands out one address where one is asked for', async () => {
    expect(await ask(fixed('8.8.8.8'), false)).toEqual([null, '8.8.8.8', 4])
  })

  it('refuses a name of which one address is forbidden', async () => {
    const [failure] = await ask(fixed('8.8.8.8', '10.0.0.1'), true)

    expect(failure).toMatchObject({
      code: 'IF_ERR_EGRESS_DENIED',
      message: expect.stringContaining('name.example resolves to 10.0.0.1'),
      details: { departure: 'nothing-left' },
    })
  })

  it('passes on that a name has no address', async () => {
    expect(await ask(fixed(), true)).toEqual([expect.objectContaining({ code: 'ENOTFOUND' }), '', 0])
  })

  it('passes on that the resolver failed', async () => {
    const failing: Resolve = () => Promise.reject(Object.assign(new Error('later'), { code: 'EAI_AGAIN' }))

    expect(await ask(failing, true)).toEqual([expect.objectContaining({ code: 'EAI_AGAIN' }), '', 0])
  })
})
