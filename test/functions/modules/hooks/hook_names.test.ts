import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_names are those that the SQL of a hook gives to what stands beside the columns of a row', async ({ another }) => {
  const owner = await another('owner')
  const { name } = await hooked(owner)
  const { rows: [{ sources, names }] } = await owner.db.query(
    `select supaqueue_internal.hook_source(hook) || supaqueue_internal.hook_pairs('placed', '{}', '{}') as sources,
       supaqueue_internal.hook_names()::text[] as names
     from supaqueue.hook where name = $1`,
    [name],
  )
  const given = (sources as string).matchAll(/\bas (supaqueue_\w+)(?=,|\n| from| limit)/g)
  // What a relation is called can only be taken for a column where it stands alone, as the row does.
  const relations = ['supaqueue_new', 'supaqueue_old']
  expect([...new Set([...given].map(([, name]) => name))].filter((name) => !relations.includes(name!)).sort()).toEqual(
    [...names].sort(),
  )
})
