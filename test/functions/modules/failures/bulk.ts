import type { Harness } from '../../../support/harness.ts'

export type Bulk = {
  action: number | null
  jobs: number
  fitting: number
  looked_at: number
  whole: boolean
  shortened?: number
}

type Terms = { queue?: string; filter?: object; most?: number; per_second?: number; dry_run?: boolean }

const call = async (harness: Harness, name: string, terms: Terms): Promise<Bulk> => {
  const names = Object.keys(terms)
  const { rows: [row] } = await harness.db.query(
    `select supaqueue.${name}(${names.map((key, place) => `${key} => $${place + 1}`).join(', ')}) as answer`,
    Object.values(terms),
  )
  return row.answer
}

export const retryWhere = (harness: Harness, terms: Terms): Promise<Bulk> => call(harness, 'retry_where', terms)

export const discardWhere = (harness: Harness, terms: Terms): Promise<Bulk> => call(harness, 'discard_where', terms)

export const progressOf = async (harness: Harness, action: number | null): Promise<Record<string, unknown>> =>
  (await harness.db.query('select supaqueue.bulk_progress($1) as told', [action])).rows[0].told

export const undo = async (harness: Harness, action: number | null): Promise<number> =>
  (await harness.db.query('select supaqueue.undo_bulk($1) as jobs', [action])).rows[0].jobs
