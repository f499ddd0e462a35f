import { expect } from 'vitest'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

const state = async (harness: Harness) =>
  (await harness.db.query('select (supaqueue_internal.dispatch_state()).*')).rows[0]

const REFUSED = '{"code": "SQ401", "message": "the signature of the wake-up is wrong"}'

test('counts refusals since the last wake-up that was accepted', async ({ harness }) => {
  await answered(harness, await posted(harness), 202, '{}')
  await harness.db.query(`update net._http_response set created = clock_timestamp() - interval '5 seconds'`)
  await answered(harness, await posted(harness), 401, REFUSED)
  await answered(harness, await posted(harness), 401, REFUSED)

  expect(await state(harness)).toMatchObject({
    refusals: 2,
    status: 401,
    code: 'SQ401',
    accepted_at: expect.any(Date),
    refused_since: expect.any(Date),
  })
})

test('forgets them once one was accepted', async ({ harness }) => {
  await answered(harness, await posted(harness), 401, REFUSED)
  await harness.db.query(`update net._http_response set created = clock_timestamp() - interval '5 seconds'`)
  await answered(harness, await posted(harness), 202, '{}')

  expect(await state(harness)).toMatchObject({ refusals: 0, refused_since: null, accepted_at: expect.any(Date) })
})

test('takes a wake-up that came twice for neither', async ({ harness }) => {
  await answered(harness, await posted(harness), 409, '{"code": "SQ409"}')

  expect(await state(harness)).toMatchObject({ refusals: 0, refused_at: null, accepted_at: null })
})

test('takes a wake-up that nobody answered in time for accepted, once a run has come', async ({ harness }) => {
  await answered(harness, await posted(harness), null, '')
  await harness.db.query('insert into supaqueue.dispatch default values on conflict do nothing')
  expect(await state(harness)).toMatchObject({ refusals: 1, status: null, accepted_at: null })

  await harness.db.query('update supaqueue.dispatch set run = gen_random_uuid(), run_at = clock_timestamp()')

  const heard = await state(harness)
  expect(heard).toMatchObject({ refusals: 0, refused_since: null, accepted_at: heard.run_at })
  expect(heard.refused_at.getTime()).toBeLessThanOrEqual(heard.accepted_at.getTime())
})

test('takes a wake-up that nobody answered for refused when the last run came long before it, and one that was answered always', async ({ harness }) => {
  await harness.db.query('insert into supaqueue.dispatch default values on conflict do nothing')
  await harness.db.query(
    `update supaqueue.dispatch set run = gen_random_uuid(), run_at = clock_timestamp() - interval '11 seconds'`,
  )
  await answered(harness, await posted(harness), null, '')
  expect(await state(harness)).toMatchObject({ refusals: 1, accepted_at: null })

  await answered(harness, await posted(harness), 401, REFUSED)
  await harness.db.query('update supaqueue.dispatch set run_at = clock_timestamp()')
  expect(await state(harness)).toMatchObject({ refusals: 2, accepted_at: null })
})
