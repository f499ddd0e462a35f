import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('the sweep forgets the circuits of targets that take calls, and of those that nobody calls any more', async ({ harness }) => {
  await harness.db.query(`
    insert into supaqueue.circuit (target, failures, open_until, refused_at) values
      ('host well', 0, null, now()),
      ('host doubtful', 4, null, now()),
      ('host doubtful.of-yesterday', 4, null, now() - interval '25 hours'),
      ('host shut', 5, now() + interval '1 minute', now()),
      ('host shut.for-long', 5, now() + interval '1 minute', now() - interval '25 hours'),
      ('host shut.of-yesterday', 5, now() - interval '25 hours', now() - interval '26 hours')`)

  await harness.sweep()

  const { rows } = await harness.db.query('select target from supaqueue.circuit order by target')
  expect(rows.map(({ target }) => target)).toEqual(['host doubtful', 'host shut', 'host shut.for-long'])
})

test('a circuit that somebody holds is not waited for', async ({ harness, another }) => {
  await harness.db.query(`insert into supaqueue.circuit (target) values ('host well')`)
  const user = await another()
  await user.begin()
  await user.db.query('select from supaqueue.circuit for update')

  await harness.impatient()
  await harness.sweep()
  await user.rollback()

  expect((await harness.db.query('select target from supaqueue.circuit')).rows).toEqual([{ target: 'host well' }])
})
