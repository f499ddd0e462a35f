import pg from 'pg'
import type { Answer, Harness } from '../support/harness.ts'
import type { Footprint } from './footprint.ts'
import type { Run } from './platform.ts'

/** What one session does, step after step. A step of a function that pauses is many steps. */
export type Script = {
  name: string
  steps: Step[]
  /** Its first step is taken before the interleavings begin. */
  headStart?: boolean
}

export type Step = {
  name: string
  sql: string
  touches: Footprint
  /** Errors that the user may meet here, by code: his fault, or another's who was faster. The script ends with one. */
  mayBeRefused?: string[]
  /** The step cannot be taken before this is so. If nobody can make it so any more, the script ends here. */
  when?: { isSo: () => Promise<boolean>; take: () => Promise<void> }
  hear?: (rows: Record<string, unknown>[]) => void
}

const text = pg.escapeLiteral

export const commit: Step = { name: 'commit', sql: 'commit', touches: { ends: true } }
export const rollback: Step = { name: 'rollback', sql: 'rollback', touches: { ends: true } }

/** Somebody enqueues a job in a transaction of his own. */
export const enqueue = (
  queue: string,
  { name = 'enqueue', end = commit, isolation = 'read committed', due = '0 seconds', mayBeRefused }: {
    name?: string
    due?: string
    end?: Step
    isolation?: 'read committed' | 'repeatable read' | 'serializable'
    mayBeRefused?: string[]
  } = {},
): Script => ({
  name,
  steps: [
    {
      name: 'insert',
      sql: `begin isolation level ${isolation}; insert into supaqueue.job (queue, run_at)
        values (${text(queue)}, clock_timestamp() + interval ${text(due)})`,
      touches: mayBeRefused ? { all: true } : { adds: ['job'], clock: 'sets' },
      mayBeRefused,
    },
    end,
  ],
})

/** A statement of somebody's own, in a transaction of his own. What it touches until it pauses must be said. */
export const statement = (
  name: string,
  sql: string,
  touches: Footprint,
  { end = commit, mayBeRefused, headStart }: { end?: Step; mayBeRefused?: string[]; headStart?: boolean } = {},
): Script => ({
  name,
  headStart,
  steps: [{ name: 'statement', sql: `begin; ${sql}`, touches, mayBeRefused }, end],
})

/** Turns of a run, one after another, each in a transaction of its own as the dispatcher's are. */
export const turns = (
  run: Run,
  queue: string,
  requests: Record<string, unknown>[],
  { name = 'run', when }: { name?: string; when?: Step['when'] } = {},
): Script => ({
  name,
  steps: requests.flatMap((request, nth) => {
    const whole = JSON.stringify({ run: run.id, queue, ...request })
    return [
      {
        name: 'turn',
        sql: `begin; select ${run.by}(${text(whole)}) as answer`,
        touches: nth === 0 && when ? { all: true } : {},
        when: nth === 0 ? when : undefined,
        hear: (rows) => run.hear(request, rows[0]!.answer as Answer),
      },
      commit,
    ] satisfies Step[]
  }),
})

export const sweep = (): Script => ({
  name: 'sweep',
  steps: [{ name: 'sweep', sql: 'begin; select * from supaqueue.sweep()', touches: {} }, commit],
})

export const processJobs = (queue: string, { mayBeRefused }: { mayBeRefused?: string[] } = {}): Script =>
  statement('by hand', `select supaqueue.process_jobs(${text(queue)})`, {}, { mayBeRefused })

export const deletion = (queue: string): Script =>
  statement('delete', `delete from supaqueue.queue where id = ${text(queue)}`, { all: true })

/** A wake-up for the queue has left: only then can a run come for it. */
export const woken = (harness: Harness, queue: string): Step['when'] => ({
  isSo: async () => await harness.wakeUps(queue) > 0,
  async take() {
    await harness.db.query(
      `delete from net.http_request_queue where id = (
         select min(id) from net.http_request_queue where convert_from(body, 'utf8')::jsonb ->> 'queue' = $1
       )`,
      [queue],
    )
  },
})
