import { describe, expect, it } from 'vitest'
import { checkAddress } from '../../../src/client/address.ts'
import { isLocal, targetOf } from '../../../src/client/target.ts'

describe('an address', () => {
  it.each([
    ['unix:/srv/ana/ifab.sock', 'unix:/srv/ana/ifab.sock', true],
    ['unix:///tmp/x.sock', 'unix:/tmp/x.sock', true],
    ['http://127.0.0.1:7420', 'http://127.0.0.1:7420', true],
    ['http://localhost:7420/', 'http://localhost:7420', true],
    ['http://[::1]:7420', 'http://[::1]:7420', true],
    ['https://fabric.example/ifab', 'https://fabric.example/ifab', false],
  ])('%s is taken as %s', (text, shown, local) => {
    const target = targetOf({ url: text })

    expect(target.text).toBe(shown)
    expect(isLocal(target)).toBe(local)
  })

  it.each([
    ['http://fabric.example', 'in the clear'],
    ['http://127.0.0.1.evil.example:7420', 'in the clear'],
    ['https://ana:hunter2@fabric.example', 'holds a credential'],
    ['https://fabric.example/?token=x', 'query'],
    ['ftp://fabric.example', 'not the address'],
    ['unix:ifab.sock', 'not the address'],
    ['', 'not the address'],
  ])('%s is refused: %s', (text, why) => {
    expect(() => checkAddress(text)).toThrow(why)
  })

  it('that holds a password isn’t repeated in the error', () => {
    expect(() => checkAddress('https://ana:hunter2@fabric.example')).toThrow(/^(?!.*hunter2)/)
  })
})
