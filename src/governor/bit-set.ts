// Sets of up to 32 things as the bits of one number.

/** How many are in it. */
export function popcount(set: number): number {
  let left = set - ((set >>> 1) & 0x55555555)
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333)
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** Place of the lowest one in a set that is not empty. */
export const lowest = (set: number): number => 31 - Math.clz32(set & -set)

/** What is in the set, of names in the order of its bits. */
export const namesIn = (set: number, names: readonly string[]): string[] =>
  names.filter((_name, at) => (set >>> at) & 1)
