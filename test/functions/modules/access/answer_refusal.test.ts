import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { describeError } from '../../../../scripts/dev/rest/rpc/error.ts'
import { type Harness, test } from '../../../support/harness.ts'

const words = { code: 'SQ404', message: 'there is "none"', detail: '', hint: 'look' }

const inside = async (harness: Harness, error: Record<string, string>) => {
  await harness.db.query(`begin; set local request.method = 'POST'`)
  const { rows: [answered] } = await harness.db.query(
    `select supaqueue_internal.answer_refusal($1, $2, $3, $4)::text as body`,
    [error.code, error.message, error.detail, error.hint],
  )
  const { rows: [set] } = await harness.db.query(
    `select current_setting('response.status', true) as status, current_setting('response.headers', true) as headers`,
  )
  await harness.db.query('commit')
  return { body: answered.body, status: Number(set.status), headers: set.headers }
}

describe('answer_refusal', () => {
  test('is what PostgREST makes of the error, byte by byte', async ({ another }) => {
    const harness = await another()

    expect(await inside(harness, words)).toMatchObject({
      body: `{"code":"SQ404","details":null,"hint":"look","message":"there is \\"none\\""}`,
      status: 404,
    })
    expect(await inside(harness, { ...words, code: 'SQ429', detail: '7' })).toMatchObject({
      body: expect.stringContaining('"details":"7"'),
      headers: '[{"Retry-After" : "7"}]',
    })
  })

  test('gives each code of PostgreSQL the status that PostgREST gives it', async ({ another }) => {
    const harness = await another('service_role')
    const { rows } = await harness.db.query(`
      select c.code from unnest('{08006, 09000, 0L000, 0P000, 21000, 22P02, 22003, 22P05, 23502, 23503, 23505, 23514, 25006, 25P02, 28000,
        2D000, 38000, 39000, 3B001, 40001, 40P01, 42501, 42883, 42P01, 42P17, 42703, 53100, 53400, 54001, 55P03, 57014, 57P03, 58000,
        F0000, HV000, P0001, P0002, XX000, ZZ999, SQ413, SQ422, SQ503, PT418}'::text[]) as c (code)`)
    for (const { code } of rows) {
      const wanted = code.startsWith('SQ')
        ? Number(code.slice(2))
        : describeError({ ...words, code }, 'service_role').status
      if (code === '25006') continue // 405 says that the method is wrong; nothing inside of a POST can mean that.
      expect([code, (await inside(harness, { ...words, code })).status]).toEqual([code, wanted])
    }
  })

  test('does not show the row that a constraint refuses', async ({ another }) => {
    const harness = await another()
    const detail = 'Failing row contains (3823, 2026-11-27, the-secret).'

    expect((await inside(harness, { ...words, code: '23514', detail })).body).not.toContain('3823')
    expect((await inside(harness, { ...words, code: 'P0001', detail: 'said by a trigger' })).body).toContain('said by')
  })

  test('says nothing outside of a request, and leaves what says its own answer to be raised', async ({ another }) => {
    const harness = await another()

    expect(await ask(harness, 'answer_refusal', words)).toBe(null)
    expect((await inside(harness, { ...words, code: 'PGRST' })).body).toBe(null)
  })
})
