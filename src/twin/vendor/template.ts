// Path templates of descriptions: `{id}` is one segment or a part of one, `{key+}` and `{+key}` keep slashes.

export interface PathTemplate {
  text: string
  match: (path: string) => Record<string, string> | undefined
  /** Text outside of parameters: a route with more of it wins, as it does in routers. */
  literals: number
}

const PARAMETER = /\{\+?([^{}]+?)\+?\}/g

export function pathTemplate(text: string): PathTemplate {
  const names: string[] = []
  let pattern = ''
  let at = 0
  for (const found of text.matchAll(PARAMETER)) {
    const greedy = found[0].startsWith('{+') || found[0].endsWith('+}')
    pattern += `${literal(text.slice(at, found.index))}(${greedy ? '.+' : '[^/]+?'})`
    names.push(found[1] ?? '')
    at = found.index + found[0].length
  }
  const expression = new RegExp(`^${pattern}${literal(text.slice(at))}$`)
  return {
    text,
    literals: text.replace(PARAMETER, '').length,
    match: (path) => {
      const values = expression.exec(path)?.slice(1)
      return values && Object.fromEntries(values.map((value, index) => [names[index] ?? '', decoded(value)]))
    },
  }
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // a stray percent sign: the text as it came is what the check then sees
  }
}
