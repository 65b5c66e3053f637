// The instance that the fabric chooses: `any`, or `any:env=production,region=eu` among those with these tags.
import { FabricError } from '../foundation/index.ts'

export interface Selector {
  /** As it was written. */
  text: string
  tags: Readonly<Record<string, string>>
}

/** What a word in the place of an instance selects; undefined where it is an instance's name. */
export function selectorOf(text: string): Selector | undefined {
  if (text === 'any') return { text, tags: {} }
  if (!text.startsWith('any:')) return undefined
  const tags = new Map<string, string>()
  for (const pair of text.slice('any:'.length).split(',')) {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? []
    if (!name || value === undefined) throw wrong(text, `${JSON.stringify(pair)} is no tag`)
    if (tags.has(name)) throw wrong(text, `${name} is said twice`)
    tags.set(name, value)
  }
  return { text, tags: Object.fromEntries(tags) }
}

const wrong = (text: string, problem: string): FabricError =>
  new FabricError('IF_ERR_INVALID_INPUT', `${JSON.stringify(text)}: ${problem}`, {
    hint: 'Write any, or any:TAG=VALUE with more after commas: any:env=production,region=eu.',
  })

export const selects = ({ tags }: Selector, of: Readonly<Record<string, string>>): boolean =>
  Object.entries(tags).every(([name, value]) => of[name] === value)
