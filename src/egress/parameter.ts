// One parameter of a query, as it leaves: it takes the place of every other of its name.

/** The query with `?`; names are compared decoded. */
export function withParameter(query: string, name: string, value: string): string {
  const others = query
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && decodeName(pair) !== name)
  return `?${[...others, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&')}`
}

const decodeName = (pair: string): string => new URLSearchParams(pair).keys().next().value ?? ''
