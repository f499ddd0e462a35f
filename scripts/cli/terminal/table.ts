import { plain } from './plain.ts'

/** One column of a table: what stands above it, and in it for a row. */
export type Column<Row> = {
  head: string
  cell(row: Row): string
  /** Numbers stand to the right. */
  right?: boolean
  /** Left out in a terminal that is too narrow, the highest first. Left out: stays. */
  spare?: number
}

const GAP = 2

/** Rows as lines, each column as wide as it needs to be, of at most `width` characters. */
export function table<Row>(columns: Column<Row>[], rows: Row[], width = Infinity): string[] {
  const shown = columns.map((column) => {
    const cells = [column.head, ...rows.map((row) => plain(column.cell(row)))]
    return { ...column, cells, width: Math.max(...cells.map((cell) => cell.length)) }
  })
  const needed = () => shown.reduce((sum, column) => sum + column.width + GAP, -GAP)
  while (needed() > width) {
    const [least] = shown.filter(({ spare }) => spare !== undefined).sort((one, other) => other.spare! - one.spare!)
    if (!least) break
    shown.splice(shown.indexOf(least), 1)
  }
  return ['', ...rows].map((_, line) =>
    shown
      .map(({ cells, width, right }) => right ? cells[line]!.padStart(width) : cells[line]!.padEnd(width))
      .join(' '.repeat(GAP)).trimEnd().slice(0, width)
  )
}
