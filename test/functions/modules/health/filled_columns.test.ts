import { expect } from 'vitest'
import { test } from '../../../support/own.ts'

test('lists the columns that must be filled, all of them and no others', async ({ database }) => {
  const owner = await database.connect('owner')
  const { rows } = await owner.query(`
    select format('%s.%s', relname, attname) as name
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'supaqueue'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and attnotnull and not atthasdef and attidentity = ''
    order by relname, attname`)

  const { rows: [{ listed }] } = await owner.query('select supaqueue_internal.filled_columns() as listed')

  expect(listed).toEqual(rows.map(({ name }) => name))
})
