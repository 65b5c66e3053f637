import { describe, expect, it } from 'vitest'
import { selectorOf, selects } from '../../../src/runs/selector.ts'

describe('a selector', () => {
  it('is `any`, with tags where they are named', () => {
    expect(selectorOf('any')).toEqual({ text: 'any', tags: {} })
    expect(selectorOf('any:env=production,region=eu')).toEqual({
      text: 'any:env=production,region=eu',
      tags: { env: 'production', region: 'eu' },
    })
    expect(selectorOf('any:note=a=b')?.tags).toEqual({ note: 'a=b' })
  })

  it('is nothing where an instance is named', () => {
    for (const name of ['slack', 'anything', 'any-slack', 'Any']) expect(selectorOf(name)).toBeUndefined()
  })

  it.each(['any:', 'any:env', 'any:=eu', 'any:env=a,,'])('refuses %j and says what one looks like', (text) => {
    expect(() => selectorOf(text)).toThrow(
      expect.objectContaining({ code: 'IF_ERR_INVALID_INPUT', hint: expect.stringContaining('any:TAG=VALUE') }),
    )
  })

  it('selects what has all its tags', () => {
    const selector = selectorOf('any:env=production,region=eu')
    if (!selector) throw new Error('no selector')
    expect(selects(selector, { env: 'production', region: 'eu', team: 'x' })).toBe(true)
    expect(selects(selector, { env: 'production' })).toBe(false)
    expect(selects(selector, { env: 'sandbox', region: 'eu' })).toBe(false)
  })
})
