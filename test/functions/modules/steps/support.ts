import { randomUUID } from 'node:crypto'
import type { Harness } from '../../../support/harness.ts'

/** A job that is being called: what it is called by, and the verbs of its function. */
export async function called(harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) {
  const queue = await harness.queue({ workers: 1, ...settings })
  const job = await harness.job(queue)
  const run = randomUUID()
  const [first] = await harness.take(run, queue)
  return { queue, job, run, token: first!.current_job.id }
}

type Entry = Record<string, unknown>

const one = async (harness: Harness, sql: string, values: unknown[]) =>
  (await harness.db.query(sql, values)).rows[0].answer

export const steps = (harness: Harness) => ({
  load: (token: string | null, after = 0) =>
    one(harness, 'select supaqueue.load_steps($1, $2) as answer', [token, after]),

  note: async (
    token: string | null,
    entries: Entry[] | null,
    percent: number | null = null,
    note: string | null = null,
  ) => {
    const list = entries?.map((entry, place) => ({ place: place + 1, status: 'done', ...entry }))
    await harness.db.query('select supaqueue.note_steps($1, $2, $3, $4)', [
      token,
      JSON.stringify(list ?? null),
      percent,
      note,
    ])
  },

  suspend: (token: string | null, entries: Entry[] = [], slice = false) =>
    one(harness, 'select supaqueue.suspend($1, $2, $3) as answer', [
      token,
      JSON.stringify(entries.map((entry, place) => ({ place: place + 1, ...entry }))),
      slice,
    ]),

  signal: (named: Record<string, unknown>): Promise<number> => {
    const names = Object.keys(named)
    return one(
      harness,
      `select supaqueue.signal(${names.map((name, place) => `${name} => $${place + 1}`).join(', ')}) as answer`,
      Object.entries(named).map(([name, value]) => name === 'payload' ? JSON.stringify(value) : value),
    )
  },

  rows: async (job: number) =>
    (await harness.db.query('select * from supaqueue.step where job = $1 order by place, item', [job])).rows,

  sent: async (id: number) => (await harness.db.query('select * from supaqueue.signal where id = $1', [id])).rows[0],

  /** Moves the end of what the job waits for to the past, without waiting for it, and makes it due. */
  pass: async (job: number) => {
    await harness.db.query(
      `update supaqueue.step set until = clock_timestamp() - interval '1 second' where job = $1 and until is not null and ended_at is null`,
      [job],
    )
    await harness.db.query(`update supaqueue.job set run_at = clock_timestamp() where id = $1`, [job])
  },
})
