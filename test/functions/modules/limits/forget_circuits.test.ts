import { expect } from 'vitest'
import { test } from '../../../support/house.ts'

test('the sweep forgets the circuits of targets that take calls, and of those that nobody calls any more', async ({ house }) => {
  await house.db.query(`
    insert into supaqueue.circuit (target, failures, open_until, refused_at) values
      ('host well', 0, null, now()),
      ('host doubtful', 4, null, now()),
      ('host doubtful.of-yesterday', 4, null, now() - interval '25 hours'),
      ('host shut', 5, now() + interval '1 minute', now()),
      ('host shut.for-long', 5, now() + interval '1 minute', now() - interval '25 hours'),
      ('host shut.of-yesterday', 5, now() - interval '25 hours', now() - interval '26 hours')`)

  await house.sweep()

  const { rows } = await house.db.query('select target from supaqueue.circuit order by target')
  expect(rows.map(({ target }) => target)).toEqual(['host doubtful', 'host shut', 'host shut.for-long'])
})

test('a circuit that somebody holds is not waited for', async ({ house, another }) => {
  await house.db.query(`insert into supaqueue.circuit (target) values ('host well')`)
  const user = await another()
  await user.begin()
  await user.db.query('select from supaqueue.circuit for update')

  await house.impatient()
  await house.sweep()
  await user.rollback()

  expect((await house.db.query('select target from supaqueue.circuit')).rows).toEqual([{ target: 'host well' }])
})
