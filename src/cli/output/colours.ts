// Colours by meaning. Without a terminal every one of them is the text itself.

export interface Colours {
  good: (text: string) => string
  bad: (text: string) => string
  warn: (text: string) => string
  faint: (text: string) => string
  strong: (text: string) => string
}

export function colours(enabled: boolean): Colours {
  const code = (on: number, off: number) => (text: string) =>
    enabled && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return { good: code(32, 39), bad: code(31, 39), warn: code(33, 39), faint: code(2, 22), strong: code(1, 22) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const COLOUR = /\u001b\[\d+m/g

/** Columns that a text takes on a terminal. */
export const widthOf = (text: string): number => [...text.replace(COLOUR, '')].length

export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** Cuts at a width, with `…` where something is missing. Colours of a cut text are dropped. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return `${[...text.replace(COLOUR, '')].slice(0, Math.max(0, width - 1)).join('')}…`
}
