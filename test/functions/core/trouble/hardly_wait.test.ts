import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for([
  ['a lock that could not be had in a sweep', 'yes', '55P03', '20ms'],
  ['what a trigger refused there', 'yes', '23514', '2s'],
  ['a lock that could not be had in a transaction of the user', '', '55P03', '2s'],
])('after %s, locks are waited for: own_commit %j, %s, %s', async ([, own, code, expected], { harness }) => {
  await harness.begin()
  await harness.db.query(
    `select set_config('lock_timeout', '2s', true), set_config('supaqueue.own_commit', $1, true)`,
    [
      own,
    ],
  )
  await harness.db.query('select supaqueue_internal.hardly_wait($1)', [code])
  const { rows } = await harness.db.query('show lock_timeout')
  await harness.rollback()

  expect(rows).toEqual([{ lock_timeout: expected }])
})
