import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'

const wrong: [what: string, origin: string][] = [
  ['null', 'null'],
  ['a list', '[]'],
  ['a number', '5'],
  ['a text', '"x"'],
  ['a number in it', '{"hook": 1}'],
  ['an object in it', '{"hook": {}}'],
  ['a list of texts in it', '{"hook": ["x"]}'],
  ['a null in it', '{"hook": null}'],
  ['what unfolds', `{"hook": [${Array(300).fill('1e131071').join(',')}]}`],
  ['more than a header holds', JSON.stringify({ hook: 'x'.repeat(9000) })],
]

describe('assert_origin', () => {
  test.for(wrong)('refuses %s, when it comes and later', async ([, origin], { harness }) => {
    const queue = await harness.queue()
    const job = await harness.job(queue)
    const refused = { code: 'SQ422', hint: expect.stringMatching(/^Nothing was changed/) }

    expect(
      await refusal(harness.db.query('insert into supaqueue.job (queue, origin) values ($1, $2)', [queue, origin])),
    )
      .toMatchObject(refused)
    expect(await refusal(harness.db.query('update supaqueue.job set origin = $2 where id = $1', [job, origin])))
      .toMatchObject(refused)
  })

  test('takes texts, whatever is in them, and the turn hands them out', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const origin = { hook: 'a\r\nb: c', 'hook-actor': 'ü'.repeat(200), 'no name': '"' }
    await harness.db.query('insert into supaqueue.job (queue, origin) values ($1, $2)', [queue, JSON.stringify(origin)])

    const [claim] = await harness.take(randomUUID(), queue)

    expect(claim!.job).toMatchObject({ origin })
  })
})
