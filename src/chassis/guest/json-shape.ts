// How deep and how wide a JSON text is, without parsing it: what reads an answer later may recurse and takes room for each
// value, and must run out of neither stack nor heap because of a guest.

/** Levels of arrays and objects that an answer, and an intent, may have. */
export const DEEPEST_JSON = 200
/** Members of all its arrays and objects together. */
export const WIDEST_JSON = 1_000_000

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
/** `[` and `{` differ in this bit alone, and so do `]` and `}`. */
const CURLY = 0x20
const OPENS = 0x7b
const CLOSES = 0x7d

/** Why it is not taken; undefined where it is, or where it is no JSON at all. */
export function shapeFault(json: string): string | undefined {
  let depth = 0
  let members = 1
  let isInString = false
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) isInString = !isInString
    else if (isInString) at += code === BACKSLASH ? 1 : 0
    else if (code === COMMA) members += 1
    else if ((code | CURLY) === CLOSES) depth -= 1
    else if ((code | CURLY) === OPENS) {
      depth += 1
      members += 1
      if (depth > DEEPEST_JSON) return `is nested more than ${DEEPEST_JSON} levels deep`
    }
  }
  return members > WIDEST_JSON ? `has more than ${WIDEST_JSON} members` : undefined
}
