import { describe, expect, it } from 'vitest'
import { isPlainPattern } from '../../../src/chassis/module/plain-pattern.ts'

describe('a pattern of a module', () => {
  it.each(['^sk_[A-Za-z0-9]{20,}$', '^\\d{6}$', '^[a-z0-9-]+\\.example\\.com$', '^xoxb-[^ ]{1,99}$', '^a?b$'])(
    'is taken where no text makes it slow: %s',
    (pattern) => {
      expect(isPlainPattern(pattern)).toBe(true)
      expect(() => new RegExp(pattern)).not.toThrow()
    },
  )

  it.each([
    '^(a+)+$',
    '^a*a*b$',
    '(a|aa)+$',
    '^.*.*x$',
    '^(?=x)y$',
    '^(a)\\1$',
    'sk_.*',
    '^[a-z]{0,9999}[a-z]{0,9999}[a-z]{0,9999}[a-z]{0,9999}$',
    `^${'a'.repeat(300)}$`,
  ])('is refused where one might: %s', (pattern) => {
    expect(isPlainPattern(pattern)).toBe(false)
  })
})
