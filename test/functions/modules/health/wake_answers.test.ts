import { expect } from 'vitest'
import type { Harness } from '../../../support/harness.ts'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'

const answers = async (harness: Harness) =>
  (await harness.db.query(
    'select request::text, status, code, message, hint from supaqueue_internal.wake_answers() order by 1',
  )).rows

test('gives what was answered to our wake-ups, and nothing of other requests', async ({ harness }) => {
  const [ours, silent] = [await posted(harness), await posted(harness)]
  await answered(harness, ours, 401, '{"code": "SQ401", "message": "wrong", "hint": "do"}')
  await answered(harness, String(Number(silent) + 1000), 200, '{}')

  expect(await answers(harness)).toEqual([{ request: ours, status: 401, code: 'SQ401', message: 'wrong', hint: 'do' }])
})

test('reads what is no JSON, and what never came, as such', async ({ harness }) => {
  const [page, none] = [await posted(harness), await posted(harness)]
  await answered(harness, page, 502, '<html>Bad gateway</html>')
  await answered(harness, none, null, null, 'could not connect')

  expect(await answers(harness)).toEqual([
    { request: page, status: 502, code: '', message: '', hint: '' },
    { request: none, status: null, code: '', message: 'could not connect', hint: '' },
  ])
})

test('takes no answer that is older than its wake-up: pg_net counts anew after a crash', async ({ harness }) => {
  const request = await posted(harness)
  await answered(harness, request, 401, '{}')
  await harness.db.query(`update net._http_response set created = now() - interval '2 minutes'`)

  expect(await answers(harness)).toEqual([])
})
