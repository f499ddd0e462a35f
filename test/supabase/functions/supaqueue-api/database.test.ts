import { describe, expect, test } from 'vitest'
import { statusOf } from '../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { errorOf } from '../../../../supabase/functions/supaqueue-api/database.ts'

const of = (status: number, code: string, hint = '') => {
  const error = errorOf(status, { code, message: 'what happened', hint })
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
    expect(of(400, code, 'what to do')).toMatchObject({ status, code, message: 'what happened', hint: 'what to do' })
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
    ] as const,
  )('%s %s is an installation that somebody has to fix, and says how', ([status, code, hint]) => {
    const problem = of(status, code)

    expect(problem.status).toBe(503)
    expect(problem.hint).toMatch(hint)
    expect(problem.details.headers).toBeUndefined()
  })
})
