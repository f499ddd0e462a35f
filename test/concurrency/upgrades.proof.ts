import { describe, expect } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import type { TestDatabase } from '../support/database.ts'
import { type Harness, harness as harnessOf, test } from '../support/harness.ts'

/**
 * Has somebody do something again and again until `done`, or until their connection is lost: what fails at once, again and again, would
 * leave no time for anything else. Collects what was refused.
 */
async function keepAt(
  database: TestDatabase,
  done: AbortSignal,
  refused: string[],
  act: (harness: Harness, round: number) => Promise<unknown>,
): Promise<number> {
  const harness = harnessOf(await database.connect())
  let round = 0
  let lost = false
  for (; !done.aborted && !lost; round++) {
    await act(harness, round).catch(async (reason) => {
      refused.push(`${reason.code} ${reason.message}`)
      await harness.rollback().catch(() => lost = true)
    })
  }
  return round
}

describe('an upgrade while the queue is busy', () => {
  for (
    const [what, changed] of [
      ['in which everything changes', `update supaqueue.applied_file set checksum = 'of an older release'`],
      ['in which the triggers change', `update supaqueue.applied_file set checksum = 'old' where kind = 'trigger'`],
      ['in which nothing changes', 'select 1'],
    ] as const
  ) {
    test(
      `${what}, twenty times in a row: each succeeds, nobody is refused, nothing deadlocks`,
      async ({ ownDatabase }) => {
        const admin = await ownDatabase.connect('admin')
        const owner = await ownDatabase.connect('owner')
        const setUp = harnessOf(await ownDatabase.connect())
        const queues = [await setUp.queue({ workers: 3 }), await setUp.queue({ workers: 20 })] as const
        const done = new AbortController()
        const refused: string[] = []
        const at = (act: (harness: Harness, round: number) => Promise<unknown>) =>
          keepAt(ownDatabase, done.signal, refused, act)
        const run = (queue: string) => {
          const id = crypto.randomUUID()
          return at(async (harness) => {
            const jobs = await harness.take(id, queue, 5)
            const tokens = jobs.map(({ current_job }: { current_job: { id: string } }) => current_job.id)
            if (tokens.length > 0) await harness.report(id, queue, tokens)
          })
        }
        const users = [
          at((harness, round) => harness.job(queues[round % 2]!)),
          at((harness, round) => harness.jobs(queues[round % 2]!, 20)),
          at(async (harness) => {
            await harness.begin()
            await harness.job(queues[1])
            await harness.job(queues[0])
            await harness.commit()
          }),
          run(queues[0]),
          run(queues[1]),
          run(queues[1]),
          at((harness) => harness.sweep()),
          at((harness) => harness.db.query('select * from supaqueue.queue_overview')),
        ]

        try {
          for (let upgrade = 0; upgrade < 20; upgrade++) {
            await owner.query(changed)
            await applyDatabase(ownDatabase.ownerUrl)
          }
        } finally {
          done.abort()
        }
        const rounds = await Promise.all(users)

        expect(refused).toEqual([])
        const { rows: [{ deadlocks }] } = await admin.query(
          'select deadlocks from pg_stat_database where datname = current_database()',
        )
        expect(deadlocks).toBe(0)
        expect(Math.min(...rounds)).toBeGreaterThan(0)
      },
      1_500_000,
    )
  }
})
