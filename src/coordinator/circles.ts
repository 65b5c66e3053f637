// Circles of waiting: tasks that wait for each other, so that none of them can ever begin.

/** The path from a task back to itself, its id first and last; undefined when there is none. */
export function circleThrough(start: string, unmetOf: (id: string) => readonly string[]): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const toVisit = [start]
  for (let at = toVisit.pop(); at !== undefined; at = toVisit.pop()) {
    for (const next of unmetOf(at)) {
      if (next === start) return pathTo(at, start, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, at)
      toVisit.push(next)
    }
  }
  return undefined
}

function pathTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [start]
  for (let at = end; at !== start; at = cameFrom.get(at) ?? start) path.push(at)
  return [...path, start].reverse()
}

/** Ids that can't come out of waiting by themselves: what remains when all that could be done in some order is gone. */
export function entangled(waiting: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map([...waiting].map(([id, unmet]) => [id, unmet.filter((other) => waiting.has(other)).length]))
  const dependents = new Map<string, string[]>()
  for (const [id, unmet] of waiting) {
    for (const other of unmet) {
      const known = dependents.get(other)
      if (known) known.push(id)
      else dependents.set(other, [id])
    }
  }
  const free = [...left].filter(([, count]) => count === 0).map(([id]) => id)
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left.delete(id)
    for (const dependent of dependents.get(id) ?? []) {
      const count = (left.get(dependent) ?? 0) - 1
      left.set(dependent, count)
      if (count === 0) free.push(dependent)
    }
  }
  return [...left.keys()]
}
