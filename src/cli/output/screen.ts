// A view that is redrawn in place on a terminal, for --watch.
import type { Invocation } from '../invocation.ts'
import { cutTo } from './colours.ts'

export interface Screen {
  /** Lines that fit. */
  readonly rows: number
  /** Replaces what was drawn before. */
  draw: (text: string) => void
}

/** Undefined where stdout is no terminal or JSON is asked for: each change is then a line. */
export function openScreen({ io, console }: Pick<Invocation, 'io' | 'console'>): Screen | undefined {
  const { stdout } = io
  if (console.json || stdout.isTTY !== true) return undefined
  let drawn = 0
  return {
    get rows() {
      return stdout.rows ?? 24
    },
    draw(text) {
      const lines = text
        .split('\n')
        .slice(0, (stdout.rows ?? 24) - 1)
        .map((line) => cutTo(line, (stdout.columns ?? 80) - 1))
      // Up to the first line, then everything below goes.
      const clear = drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : ''
      stdout.write(`${clear}${lines.map((line) => `${line}\n`).join('')}`)
      drawn = lines.length
    },
  }
}
