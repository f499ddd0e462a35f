import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('lock_workers', () => {
  test('holds the workers of these jobs, and no others', async ({ house, another }) => {
    const queue = await house.queue({ workers: 2 })
    const [mine, other] = await house.jobs(queue, 2)
    const [worker, free] = [(await house.currentJob(mine!)).worker, (await house.currentJob(other!)).worker]
    const session = await another()
    await session.begin()
    await ask(session, 'lock_workers', { jobs: [mine] })
    await house.impatient()

    await house.hold('worker', free)
    expect((await refusal(house.hold('worker', worker))).code).toBe('57014')
    await session.rollback()
  })

  test('takes them in the order of their ids', async ({ house }) => {
    const { rows } = await house.db.query(
      `select pg_get_functiondef('supaqueue_internal.lock_workers(bigint[])'::regprocedure) as body`,
    )

    expect(rows[0].body).toMatch(/order by worker\.id\s+for no key update/)
  })
})
