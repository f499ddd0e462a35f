import { describe, expect, test } from 'vitest'
import { statusOf } from '../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { errorOf } from '../../../../supabase/functions/supaqueue-api/database.ts'

const of = (status: number, code: string, hint = '', message = 'permission denied for what happened') => {
  const error = errorOf(status, { code, message, hint })
  return { ...error, message: error.message, status: statusOf(error) }
}

describe('an error of the database', () => {
  test.for(
    [
      ['SQ404', 404],
      ['SQ409', 409],
      ['SQ413', 413],
      ['SQ422', 422],
      ['SQ503', 503],
    ] as const,
  )('with our code %s is that status, in its own words', ([code, status]) => {
    expect(of(400, code, 'what to do')).toMatchObject({
      status,
      code,
      message: 'permission denied for what happened',
      hint: 'what to do',
    })
  })

  test.for(
    [
      ['23505', 409],
      ['23514', 422],
      ['22P02', 422],
      ['22008', 422],
      ['54001', 422],
      ['57014', 503],
      ['53300', 503],
      ['25006', 503],
      ['40P01', 503],
      ['XX000', 503],
      ['PGRST003', 503],
      // What a trigger of the user raises, by will or by mistake, does not pass.
      ['P0001', 422],
      ['PT402', 422],
      ['P0002', 500],
      ['42P01', 500],
      ['21000', 500],
      ['PGRST203', 500],
      ['', 503],
    ] as const,
  )('with the code %s of PostgreSQL is %s', ([code, status]) => {
    expect(of(500, code)).toMatchObject({ status, code: `SQ${status}`, hint: expect.stringMatching(/\S/) })
  })

  test.for(
    [
      [406, 'PGRST106', /Exposed schemas/],
      [404, 'PGRST202', /installer/],
      [401, '', /secret key/],
      [403, '42501', /secret key/],
      [503, 'PGRST002', /doctor/],
    ] as const,
  )('%s %s is an installation that somebody has to fix, and says how', ([status, code, hint]) => {
    const problem = of(status, code)

    expect(problem.status).toBe(503)
    expect(problem.hint).toMatch(hint)
    expect(problem.details.headers).toBeUndefined()
  })

  test.for([503, 500, 400])(
    'of the state that the server is in is to be tried again, by %s and Retry-After',
    (status) => {
      for (const code of ['', '08006', '53300', '55P03', '57014', '40001']) {
        expect(of(status, code)).toMatchObject({ code: 'SQ503', details: { headers: { 'retry-after': '1' } } })
      }
    },
  )

  test('of something of ours that an upgrade is just replacing is to be tried again', () => {
    const message = 'function supaqueue_internal.find_queue(text) does not exist'

    expect(of(404, '42883', '', message)).toMatchObject({ code: 'SQ503', details: { headers: { 'retry-after': '1' } } })
  })

  test.for(['P0001', 'PT409', '42501', 'P0004', '42703', '38000', '2F005', '39P01', 'F0000', 'PGRST100'])(
    '%s, which a trigger of the user raised, is never said to pass, and keeps its words',
    (code) => {
      const problem = of(400, code, '', 'orders are closed')

      expect(problem.code).not.toBe('SQ503')
      expect(problem).toMatchObject({
        message: 'orders are closed',
        hint: expect.stringMatching(/^Nothing was changed\./),
      })
      expect(problem.details.headers).toBeUndefined()
      expect(of(400, code, 'Come tomorrow.', 'orders are closed').hint).toBe('Come tomorrow.')
    },
  )
})
