import { expect, test } from 'vitest'
import { ask } from '../../../../../supabase/functions/_shared/supaqueue/supabase.ts'

type Query = Parameters<typeof ask>[0]

const answering = (status: number, code: string | undefined, hint: string | null = null): Query => {
  const answer = { data: null, error: { code, message: 'what happened', hint }, status }
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
    [404, 'PGRST202', /installer again.*reload schema/],
    [404, 'PGRST205', /installer again.*reload schema/],
    [406, 'PGRST106', /installer/],
    [401, 'PGRST303', /sign in/],
  ] as const,
)('status %s with the code %s is an answer, which keeps its code', async ([status, code, hint]) => {
  await expect(ask(answering(status, code), 'it')).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) })
  await expect(ask(answering(status, code, 'do this'), 'it')).rejects.toMatchObject({ code, hint: 'do this' })
})
