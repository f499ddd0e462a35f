import { expect, test } from 'vitest'
import { ask } from '../../../../../supabase/functions/_shared/supaqueue/supabase.ts'

type Query = Parameters<typeof ask>[0]

const answering = (
  status: number,
  code: string | undefined,
  hint: string | null = null,
  message = 'what happened',
): Query => {
  const answer = { data: null, error: { code, message, hint }, status }
  return { abortSignal: () => Promise.resolve(answer) } as unknown as Query
}

test.for(
  [
    [0, undefined],
    [502, undefined],
    [503, '08006'],
    [503, '53300'],
    [500, '55P03'],
    [500, '57014'],
    [500, '40P01'],
    [503, 'PGRST002'],
    [504, 'PGRST003'],
  ] as const,
)('status %s with the code %s was not answered: that passes', async ([status, code]) => {
  await expect(ask(answering(status, code), 'it')).rejects.toMatchObject({
    code: 'SQ503',
    hint: expect.stringMatching(/usually passes/),
  })
})

test.for(
  [
    [500, 'P0002', /trigger/],
    [500, 'P0004', /trigger/],
    [500, '21000', /trigger/],
    [500, '38000', /trigger/],
    [400, 'P0001', /trigger/],
    [300, 'PGRST203', /PostgREST/],
    [401, 'PGRST303', /sign in/],
  ] as const,
)('status %s with the code %s is an answer, which keeps its code', async ([status, code, hint]) => {
  await expect(ask(answering(status, code), 'it')).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) })
  await expect(ask(answering(status, code, 'do this'), 'it')).rejects.toMatchObject({ code, hint: 'do this' })
})

// PostgREST guesses at a name that is spelled alike, PostgreSQL at a cast: neither is what helps.
test.for(
  [
    [404, 'PGRST202', 'Could not find the function supaqueue.cancel(job) in the schema cache'],
    [404, 'PGRST205', "Could not find the table 'supaqueue.job' in the schema cache"],
    [400, 'PGRST204', "Could not find the 'progress' column of 'job' in the schema cache"],
    [406, 'PGRST106', 'Invalid schema: supaqueue'],
    [404, '42883', 'function supaqueue.cancel(job => bigint) does not exist'],
    [404, '42P01', 'relation "supaqueue.job" does not exist'],
    [404, '3F000', 'schema "supaqueue" does not exist'],
  ] as const,
)('%s %s: what is installed and what is served differ, whatever is guessed: %s', async ([status, code, message]) => {
  for (const guess of [null, 'Perhaps you meant to call the function supaqueue.cancel_x']) {
    await expect(ask(answering(status, code, guess, message), 'it')).rejects.toMatchObject({
      code,
      message,
      hint: expect.stringMatching(/installer again.*reload schema/),
    })
  }
})

test('a schema that is served and not there is named as what may be wrong, if nothing passes', async () => {
  await expect(ask(answering(503, 'PGRST002'), 'it')).rejects.toMatchObject({ hint: expect.stringMatching(/doctor/) })
})

test('a right that is missing is told from a refusal of somebody else', async () => {
  const hintFor = (message: string) =>
    ask(answering(403, '42501', null, message), 'it').then(() => '', ({ hint }) => hint)

  expect(await hintFor('permission denied for schema supaqueue')).toMatch(/secret key/)
  expect(await hintFor('not from this address')).toMatch(/trigger.*db_pre_request/)
})
