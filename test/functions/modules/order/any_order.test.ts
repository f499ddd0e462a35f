import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { testDatabase } from '../../../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'

// Whatever happens to the jobs of an ordered queue, in any sequence: what a claim begins is what a plain look at the
// table says, the first of each line that nothing holds back.

const OPERATIONS = 80
const WORKERS = 40

/** Numbers that look random and are the same for the same seed. */
const dice = (seed: number) => (sides: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return Math.floor((seed / 2_147_483_648) * sides)
}

/** The first of each line, where it is pending and due: the naive way, which reads all jobs. */
const firsts = `
  with job as (
    select job.*, case when queue.ordered = 'key' then coalesce('key ' || job.concurrency_key, 'job ' || job.id) else '' end as line
    from supaqueue.job join supaqueue.queue on queue.id = job.queue
    where queue.id = $1 and (
      job.status in ('held', 'pending', 'in_progress')
      or job.status = 'failed' and queue.after_failure = 'block'
    )
  )
  select min(job.id) as id from job group by line
  having not bool_or(status = 'in_progress')
    and (array_agg(status order by id))[1] = 'pending' and (array_agg(run_at order by id))[1] <= now()
  order by 1`

async function play(harness: Harness, seed: number, ordered: 'key' | 'queue', after_failure: 'block' | 'continue') {
  const roll = dice(seed)
  const queue = await harness.queue({
    ...{ ordered, after_failure, workers: WORKERS, max_attempts: 2, retry_base_ms: 3_600_000, retry_max_ms: 3_600_000 },
  })
  const run = randomUUID()
  const told: string[] = []
  const ids = async (sql: string): Promise<number[]> =>
    (await harness.db.query(sql, [queue])).rows.map(({ id }) => Number(id))
  const anyJob = async (): Promise<number> => {
    const all = await ids('select id from supaqueue.job where queue = $1 order by id')
    return all[roll(all.length)] ?? 0
  }
  const change = async (what: string) => {
    const id = await anyJob()
    told.push(`${what} of ${id}`)
    await harness.db.query(`update supaqueue.job set ${what} where id = $1`, [id])
  }
  const key = () => ['null', `'a'`, `'b'`, `'c'`][roll(4)]!

  const operations: (() => Promise<unknown>)[] = [
    async () => {
      const rows = Array.from(
        { length: 1 + roll(4) },
        () =>
          `($1, ${key()}, '${['pending', 'pending', 'pending', 'held'][roll(4)]}', ${roll(3)}, now() + '${
            ['0 s', '0 s', '1 hour'][roll(3)]
          }'::interval)`,
      )
      told.push(`insert ${rows.length}`)
      await harness.db.query(
        `insert into supaqueue.job (queue, concurrency_key, status, priority, run_at) values ${rows.join(', ')}`,
        [queue],
      )
    },
    () => change(`run_at = now() - interval '1 second'`),
    () => change(`concurrency_key = ${key()}`),
    () => change(`status = '${['pending', 'held', 'cancelled', 'success', 'failed'][roll(5)]}'`),
    () => change(`priority = ${roll(5)}`),
    async () => {
      const id = await anyJob()
      told.push(`delete ${id}`)
      await harness.db.query('delete from supaqueue.job where id = $1', [id])
    },
    async () => {
      // By their jobs: tokens are random.
      const current = (await harness.currentJobs(queue)).map(({ id }) => id)
      const reports = current.filter(() => roll(2) === 0).map((token) => ({
        token,
        outcome: (['success', 'success', 'failed', 'killed', 'dropped', 'continued', 'parked', 'not_run'] as const)[
          roll(8)
        ]!,
        retry_after_ms: 0,
      }))
      told.push(`report ${reports.map(({ outcome }) => outcome)}`)
      await harness.turn(run, queue, { reports })
    },
    // What stands in the way goes out of it, or on.
    async () => {
      const blocking = `status in ('held', 'pending', 'failed') order by id limit 1`
      const what = roll(2) === 0 ? `status = 'cancelled'` : `status = 'pending', run_at = now() - interval '1 second'`
      told.push(`${what} of the first`)
      await harness.db.query(
        `update supaqueue.job set ${what} where id = (select id from supaqueue.job where queue = $1 and ${blocking})`,
        [queue],
      )
    },
    async () => {
      told.push('sweep')
      await harness.sweep()
    },
  ]

  let claims = 0
  for (let n = 0; n < OPERATIONS; n++) {
    for (let more = 1 + roll(3); more > 0; more--) {
      await operations[roll(3) === 0 ? [0, 6, 7][roll(3)]! : roll(operations.length)]!()
    }
    // Failures are no matter here: no circuit holds anything back.
    await harness.db.query('delete from supaqueue.circuit')
    const expected = await ids(firsts)
    const before = await ids('select job as id from supaqueue.current_job where queue = $1')

    await harness.take(run, queue, WORKERS)

    const begun = (await ids('select job as id from supaqueue.current_job where queue = $1 order by 1'))
      .filter((id) => !before.includes(id))
    claims += begun.length
    expect(begun, `seed ${seed}, after ${told.slice(-6).join('; ')}`).toEqual(expected)
  }
  expect(claims).toBeGreaterThan(3)
}

describe('in any sequence of what happens to its jobs, a claim begins the first of each line and no other', () => {
  test.for(
    [1, 2].flatMap((seed) =>
      (['key', 'queue'] as const).flatMap((ordered) =>
        (['block', 'continue'] as const).map((after) => [seed, ordered, after] as const)
      )
    ),
  )('seed %i, ordered by %s, after a failure: %s', async ([seed, ordered, after]) => {
    const database = await testDatabase()
    try {
      await play(harnessOf(await database.connect('owner')), seed, ordered, after)
    } finally {
      await database.drop()
    }
  })
})
