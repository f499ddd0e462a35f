import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { type Change, defineHook, type HookHandler } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { makeRequest } from './support/call.ts'
import { makeDeps } from './support/deps.ts'

type Photo = { id: number; path: string }
const photo: Photo = { id: 1, path: 'a.png' }
const about = { table: 'photos', schema: 'public' }

async function ask(payload: unknown, work: HookHandler<Photo>, headers: Record<string, string> = {}) {
  const response = await defineHook<Photo>(work, { deps: makeDeps().deps })(makeRequest({ payload, headers }))
  return { outcome: response.headers.get('supaqueue-outcome'), body: await response.json() }
}

describe('defineHook', () => {
  test.each([
    { type: 'INSERT', ...about, record: photo, old_record: null },
    { type: 'UPDATE', ...about, record: photo, old_record: { path: 'b.png' } },
    { type: 'DELETE', ...about, record: null, old_record: photo },
    { type: 'TRUNCATE', ...about, record: null, old_record: null },
    // Too large for its queue, even its keys.
    { type: 'INSERT', ...about, record: null, old_record: null },
  ])('hands on a $type', async (change) => {
    const work = vi.fn(() => ({ done: true }))

    expect(await ask(change, work)).toMatchObject({ outcome: 'complete', body: { done: true } })
    expect(work).toHaveBeenCalledWith(change, expect.anything())
  })

  test.each<[string, unknown]>([
    ['expected a change of a row', 'a text'],
    ['type: expected INSERT, UPDATE, DELETE or TRUNCATE', { ...about, record: photo }],
    ['table: expected a text', { type: 'INSERT', schema: 'public', record: photo, old_record: null }],
    ['record: expected a row', { type: 'INSERT', ...about, record: [], old_record: null }],
    ['old_record: expected null of INSERT', { type: 'INSERT', ...about, record: photo, old_record: photo }],
  ])('kills what is no change: %s', async (said, payload) => {
    const work = vi.fn()

    const { outcome, body } = await ask(payload, work)

    expect(outcome).toBe('kill')
    expect(JSON.stringify(body)).toContain(said)
    expect(work).not.toHaveBeenCalled()
  })

  test('tells who changed what, and when', async () => {
    const { body } = await ask(
      { type: 'UPDATE', ...about, record: photo, old_record: photo },
      (_, { hook }) => hook,
      {
        'supaqueue-hook': 'photos%20of%20Z%C3%BCrich',
        'supaqueue-hook-table': 'public.photos',
        'supaqueue-hook-transaction': '17',
        'supaqueue-hook-at': '2026-11-28T12:00:00.000000Z',
        'supaqueue-hook-role': 'authenticated',
        'supaqueue-hook-changed': 'path,kind',
        'supaqueue-hook-cause': '41',
        'supaqueue-hook-depth': '3',
        'supaqueue-hook-own': 'yes',
      },
    )

    expect(body).toEqual({
      name: 'photos of Zürich',
      table: 'public.photos',
      transaction: '17',
      at: '2026-11-28T12:00:00.000000Z',
      role: 'authenticated',
      changed: ['path', 'kind'],
      cause: '41',
      depth: 3,
      own: true,
    })
    expect(
      (await ask({ type: 'TRUNCATE', ...about, record: null, old_record: null }, (_, { hook }) => hook ?? 'none')).body,
    ).toBe('none')
  })

  test('gives the handler the types of the table', () => {
    defineHook<Photo>((change) => {
      expectTypeOf(change).toEqualTypeOf<Change<Photo>>()
      if (change.type === 'INSERT') expectTypeOf(change.record).toEqualTypeOf<Photo>()
      if (change.type === 'UPDATE') expectTypeOf(change.old_record).toEqualTypeOf<Partial<Photo>>()
      if (change.type === 'DELETE') expectTypeOf(change.record).toEqualTypeOf<null>()
    })
  })
})
