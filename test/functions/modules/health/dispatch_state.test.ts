import { expect } from 'vitest'
import type { House } from '../../../support/house.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

const state = async (house: House) => (await house.db.query('select (supaqueue_internal.dispatch_state()).*')).rows[0]

const REFUSED = '{"code": "SQ401", "message": "the signature of the wake-up is wrong"}'

test('counts refusals since the last wake-up that was accepted', async ({ house }) => {
  await answered(house, await posted(house), 202, '{}')
  await house.db.query(`update net._http_response set created = clock_timestamp() - interval '5 seconds'`)
  await answered(house, await posted(house), 401, REFUSED)
  await answered(house, await posted(house), 401, REFUSED)

  expect(await state(house)).toMatchObject({
    refusals: 2,
    status: 401,
    code: 'SQ401',
    accepted_at: expect.any(Date),
    refused_since: expect.any(Date),
  })
})

test('forgets them once one was accepted', async ({ house }) => {
  await answered(house, await posted(house), 401, REFUSED)
  await house.db.query(`update net._http_response set created = clock_timestamp() - interval '5 seconds'`)
  await answered(house, await posted(house), 202, '{}')

  expect(await state(house)).toMatchObject({ refusals: 0, refused_since: null, accepted_at: expect.any(Date) })
})

test('takes a wake-up that came twice for neither', async ({ house }) => {
  await answered(house, await posted(house), 409, '{"code": "SQ409"}')

  expect(await state(house)).toMatchObject({ refusals: 0, refused_at: null, accepted_at: null })
})
