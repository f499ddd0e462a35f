import { plain } from './plain.ts'

/** A terminal that what is asked for goes to. */
export type Screen = {
  columns: number
  /** Writes a page over the one before. */
  draw(lines: string[]): void
}

type Out = { write(text: string): unknown; isTTY?: boolean; columns?: number; rows?: number }

const HOME = '\x1b[H'
const CLEAR = '\x1b[2J'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** The screen behind a stream; undefined when there is none. */
export function screenOf(out: Out): Screen | undefined {
  if (!out.isTTY) return undefined
  let drawn = false
  return {
    get columns() {
      return out.columns ?? 80
    },
    draw(lines) {
      // What does not fit would scroll, and the next page would begin in the wrong place.
      const page = lines.slice(0, (out.rows ?? 24) - 1).map((line) => plain(line).slice(0, out.columns ?? 80))
      // Line by line, not cleared first: nothing flickers.
      out.write(`${drawn ? '' : CLEAR}${HOME}${page.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`)
      drawn = true
    },
  }
}
