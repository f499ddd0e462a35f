/** A job's place in a drawing: its column is the longest way to it, its row one of its column. */
export type Place = { column: number; row: number }

/** Places jobs so that all dependencies lead from left to right. */
export function layersOf(jobs: number[], edges: { source: number; target: number }[]): Map<number, Place> {
  const columns = new Map(jobs.map((job) => [job, 0]))
  // No way is longer than there are jobs; the database lets none lead in a circle.
  for (let step = 0, moved = true; moved && step < jobs.length; step++) {
    moved = false
    for (const { source, target } of edges) {
      const wanted = (columns.get(source) ?? 0) + 1
      if (wanted > (columns.get(target) ?? 0)) {
        columns.set(target, wanted)
        moved = true
      }
    }
  }
  const rows = new Map<number, number>()
  return new Map(jobs.map((job) => {
    const column = columns.get(job) ?? 0
    const row = rows.get(column) ?? 0
    rows.set(column, row + 1)
    return [job, { column, row }]
  }))
}
