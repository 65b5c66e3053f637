// A request as it arrived: whole, in bytes, nothing decoded.
export interface ReceivedRequest {
  method: string
  /** Path with query. */
  target: string
  /** Lower-case names. */
  headers: Record<string, string>
  bytes: Uint8Array
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  const question = target.indexOf('?')
  return question < 0 ? target : target.slice(0, question)
}

/** The query of a target, without its question mark. */
export function queryOf(target: string): string {
  const question = target.indexOf('?')
  return question < 0 ? '' : target.slice(question + 1)
}
