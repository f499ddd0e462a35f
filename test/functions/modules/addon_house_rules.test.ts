import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { addonFiles, addonNames } from '../../../scripts/cli/database/addons.ts'
import { root } from '../../support/markdown.ts'
import { databaseWith } from './database.ts'

const own = databaseWith(...addonNames())
const files = addonNames().flatMap((addon) => addonFiles(addon).map((file) => [file.path, file] as const))
// Where those who come from the systems with these names look them up.
const names = ['fetchq', 'pgqueuer'].map((page) => readFileSync(join(root, `docs/move-here/${page}.md`), 'utf8')).join(
  '\n',
)

describe('optional modules', () => {
  test('every function is pinned, described, closed to strangers, and open to service_role', async () => {
    const { rows } = await own.harness.db.query(
      `
      select oid::regprocedure::text as name
      from pg_proc
      where (pronamespace = any (array(select oid from pg_namespace where nspname = any ($1))) or proname ~ '^fn_')
        and not ('search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))
          and obj_description(oid, 'pg_proc') is not null
          and not has_function_privilege('anon', oid, 'execute')
          and not has_function_privilege('authenticated', oid, 'execute')
          and has_function_privilege('service_role', oid, 'execute'))`,
      [addonNames()],
    )

    expect(rows).toEqual([])
  })

  test('nothing of an add-on depends on supaqueue so that remove would ask for it', async () => {
    const { rows } = await own.harness.db.query(`
      select distinct p.oid::regprocedure::text as name
      from pg_proc as p
      join pg_depend as d on d.classid = 'pg_proc'::regclass and d.objid = p.oid
      join pg_type as t on d.refclassid = 'pg_type'::regclass and t.oid = d.refobjid
      where t.typnamespace = 'supaqueue'::regnamespace and p.pronamespace::regnamespace::text not in ('supaqueue', 'supaqueue_internal')`)

    expect(rows).toEqual([])
  })

  test.for(files)(
    '%s opens with a comment that names what it holds, and is closed by name outside our schemas',
    ([, { name, sql }]) => {
      const made = sql.match(/^create or replace function (?!supaqueue\.|supaqueue_internal\.)/gm) ?? []
      const closed = sql.match(/^revoke execute on function [^;]+ from public, anon, authenticated;/gm) ?? []

      expect(sql).toMatch(new RegExp(`^-- ${name}: \\S`))
      expect(closed).toHaveLength(made.length)
    },
  )

  test.for(files)('what %s raises has a code, a message and a hint', ([, { sql }]) => {
    for (const raised of sql.match(/raise exception[^;]*;/g) ?? []) {
      expect(raised).toMatch(/errcode = '(SQ\d{3}|unique_violation)'[^;]*message = [^;]*hint = /)
    }
  })

  test.for(files)('%s is in the table of names, unless it is a part of others', ([, { name, sql }]) => {
    const inner = !/^-- called by {2}.*\b(users|consumers|edge function)\b/m.test(sql)

    expect(names.includes(`\`${name}(`) || names.includes(`.${name}(`)).toBe(!inner)
  })
})
