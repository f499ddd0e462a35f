import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('lock_workers', () => {
  test('holds the workers of these jobs, and no others', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 2 })
    const [mine, other] = await harness.jobs(queue, 2)
    const [worker, free] = [(await harness.currentJob(mine!)).worker, (await harness.currentJob(other!)).worker]
    const session = await another()
    await session.begin()
    await ask(session, 'lock_workers', { jobs: [mine] })
    await harness.impatient()

    await harness.hold('worker', free)
    expect((await refusal(harness.hold('worker', worker))).code).toBe('57014')
    await session.rollback()
  })

  test('takes them in the order of their ids', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select pg_get_functiondef('supaqueue_internal.lock_workers(bigint[])'::regprocedure) as body`,
    )

    expect(rows[0].body).toMatch(/order by worker\.id\s+for no key update/)
  })
})
