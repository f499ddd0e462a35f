import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test('hook_pairs pairs by the whole key, which no nested loop can', async ({ harness }) => {
  const { rows: [{ pairs }] } = await harness.db.query(
    `select supaqueue_internal.hook_pairs('keyed', '{a,"b B"}', '{=,operator(public.=)}') as pairs`,
  )

  expect(pairs).toContain('full join')
  expect(pairs).toContain(
    `on supaqueue_old.a = supaqueue_new.a and supaqueue_old."b B" operator(public.=) supaqueue_new."b B"`,
  )
})
