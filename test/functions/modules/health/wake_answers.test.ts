import { expect } from 'vitest'
import type { House } from '../../../support/house.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

const answers = async (house: House) =>
  (await house.db.query(
    'select request::text, status, code, message, hint from supaqueue_internal.wake_answers() order by 1',
  )).rows

test('gives what was answered to our wake-ups, and nothing of other requests', async ({ house }) => {
  const [ours, silent] = [await posted(house), await posted(house)]
  await answered(house, ours, 401, '{"code": "SQ401", "message": "wrong", "hint": "do"}')
  await answered(house, String(Number(silent) + 1000), 200, '{}')

  expect(await answers(house)).toEqual([{ request: ours, status: 401, code: 'SQ401', message: 'wrong', hint: 'do' }])
})

test('reads what is no JSON, and what never came, as such', async ({ house }) => {
  const [page, none] = [await posted(house), await posted(house)]
  await answered(house, page, 502, '<html>Bad gateway</html>')
  await answered(house, none, null, null, 'could not connect')

  expect(await answers(house)).toEqual([
    { request: page, status: 502, code: '', message: '', hint: '' },
    { request: none, status: null, code: '', message: 'could not connect', hint: '' },
  ])
})

test('takes no answer that is older than its wake-up: pg_net counts anew after a crash', async ({ house }) => {
  const request = await posted(house)
  await answered(house, request, 401, '{}')
  await house.db.query(`update net._http_response set created = now() - interval '2 minutes'`)

  expect(await answers(house)).toEqual([])
})
