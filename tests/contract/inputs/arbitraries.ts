// Pieces of inputs that several providers' generated ones are made of.
import fc from 'fast-check'

/** Any text that people may write, control characters and all. */
export const anyText = fc.string({ minLength: 1, maxLength: 200, unit: 'binary' })

export const word = fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/)

export const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
