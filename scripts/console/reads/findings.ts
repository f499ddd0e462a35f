import type { Findings } from '../../../console/answers.ts'
import type { Source } from '../source.ts'

/** What the database knows about dispatch, the worst first. */
export async function readFindings(source: Source): Promise<Findings> {
  const [row] = await source.read<Findings>(`select supaqueue.health() -> 'findings' as findings`)
  return row!
}
