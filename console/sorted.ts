import type { Place } from './router.ts'

// How a table is sorted stands in the address, as `sort`: the name of a column, with a minus before it from the largest down.

/** What each column of a table is sorted by. Null is the last one, in both directions. */
export type Columns<Row> = Record<string, (row: Row) => string | number | null>

/** The rows as the address wants them; as they came where it does not say. */
export function sorted<Row>(rows: Row[], columns: Columns<Row>, { params }: Place): Row[] {
  const [, down, name = ''] = /^(-?)(\w+)$/.exec(params.get('sort') ?? '') ?? []
  const value = Object.hasOwn(columns, name) ? columns[name]! : undefined
  if (!value) return rows
  const compare = (one: string | number, other: string | number) =>
    typeof one === 'string' ? one.localeCompare(String(other)) : one - Number(other)
  return [...rows].sort((a, b) => {
    const [one, other] = [value(a), value(b)]
    if (one === null || other === null) return Number(one === null) - Number(other === null)
    return down ? compare(other, one) : compare(one, other)
  })
}

export type Order = { sort: string; direction: 'ascending' | 'descending' }

/** From the smallest up, then from the largest down. */
export const up = (column: string): Order[] => [
  { sort: column, direction: 'ascending' },
  { sort: `-${column}`, direction: 'descending' },
]
/** From the largest down, then from the smallest up. */
export const down = (column: string): Order[] => up(column).reverse()
