// Text of strangers on a terminal: what would move the cursor, colour, hide or turn other text round is shown as a dot.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Lines stay lines. */
export const printable = (text: string): string => text.replace(CONTROLS, '·')

/** One line, whatever was in it. */
export const printableLine = (text: string): string => printable(text.replace(/\s+/g, ' '))

const UNESCAPED = /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** JSON for people that is the same JSON for programs. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
