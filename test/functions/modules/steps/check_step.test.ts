import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'
import { called, steps } from './support.ts'

describe('a step that is written by hand', () => {
  test.for(bombs)('keeps no bomb: %s', async ([, json], { harness }) => {
    const { job, token } = await called(harness)
    await steps(harness).note(token, [{ name: 'a', result: 1 }])

    for (const column of ['result', 'tries']) {
      const update = harness.db.query(`update supaqueue.step set ${column} = $1::jsonb where job = $2`, [
        `[${json}]`,
        job,
      ])
      expect(await refusal(update)).toMatchObject({ code: 'SQ422' })
      const insert = harness.db.query(
        `insert into supaqueue.step (job, name, status, place, ${column}) values ($2, 'b', 'none', 2, $1::jsonb)`,
        [`[${json}]`, job],
      )
      // Of a row that no claim takes nothing is written out either.
      expect(await refusal(insert)).toMatchObject({ code: 'SQ422' })
    }
    expect(await steps(harness).rows(job)).toMatchObject([{ name: 'a', result: 1, tries: [] }])
  })
})
