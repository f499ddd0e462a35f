import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { functionFiles as appliedFiles, isExtensionPoint, isView, schemaOf } from '../../scripts/cli/database/files.ts'
import { addonNames } from '../../scripts/cli/database/addons.ts'
import { harness as harnessOf, test } from '../support/harness.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const sqlFiles = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql'))
    .map((path) => ({ path: join(folder, path), sql: readFileSync(join(root, folder, path), 'utf8') }))

const isOptional = ({ path }: { path: string }) =>
  addonNames().some((name) => path.startsWith(`functions/modules/${name}/`))
const files = sqlFiles('functions').filter((file) => !isOptional(file))
const viewFiles = files.filter(isView)
const functionFiles = files.filter((file) => !isView(file))
const migrationFiles = sqlFiles('migrations')
const everyFile = [...files, ...migrationFiles].map((file) => [file.path, file.sql] as const)
const addonFiles = sqlFiles('functions').filter(isOptional).map((file) => [file.path, file.sql] as const)

/** The SQL without its comments and without what stands in quotes. */
const bare = (sql: string) => sql.replace(/--.*$/gm, '').replace(/'(?:[^']|'')*'/g, "''")

const functions =
  `pg_proc where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace, 'public'::regnamespace)`

describe('functions/', () => {
  test('holds one file for each function in the database, and none besides', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select distinct pronamespace::regnamespace::text as schema, proname as name from ${functions} order by 1, 2`,
    )

    const named = functionFiles.filter((file) => !isExtensionPoint(file)).map(({ path, sql }) => ({
      schema: schemaOf(sql),
      name: basename(path, '.sql'),
    }))
    expect(rows).toEqual(named.sort((a, b) => `${a.schema} ${a.name}` < `${b.schema} ${b.name}` ? -1 : 1))
  })

  // What the core does where a module does more is shown where it is alone: test/functions/core/alone.test.ts.
  test.for(files.filter((file) => !isExtensionPoint(file)).map((file) => file.path))(
    '%s has a test of its name',
    (path) => {
      expect(existsSync(join(root, 'test', path.replace(/sql$/, 'test.ts')))).toBe(true)
    },
  )

  test.for(files.map((file) => [file.path, file.sql] as const))(
    '%s opens with a comment that names what it holds',
    ([path, sql]) => {
      expect(sql.split('\n')[0]).toMatch(new RegExp(`^-- ${basename(path, '.sql')}: \\S`))
    },
  )

  // Which functions call one is found by its name, and what a comment says of it is wrong as soon as another one does.
  const names = new Set([...sqlFiles('functions')].map(({ path }) => basename(path, '.sql')))
  const callersIn = (sql: string) =>
    [...sql.matchAll(/^-- (?:called|read) by +(.*(?:\n-- {6,}.*)*)/gm)].flatMap(([, who = '']) => [
      ...who.split(/[,;]/).map((one) => one.replace(/^\s*(and |public\.|the view )*/, '').trim()),
      ...who.match(/\w*_\w*/g) ?? [],
    ]).filter((name) => names.has(name))

  test('a caller that a comment names would be found', () => {
    expect(callersIn('-- wake: wake\n--\n-- called by  users, and sweep; after on_job_ready\n')).toEqual([
      'sweep',
      'on_job_ready',
    ])
    expect(callersIn('-- called by  users\n')).toEqual([])
  })

  test.for([...everyFile, ...addonFiles])('%s names no function that calls it', ([, sql]) => {
    expect(callersIn(sql)).toEqual([])
  })

  // On a busy queue an upgrade takes one table after the other, each by itself: two at once can hardly be had.
  test.for(everyFile.filter(([path]) => path.startsWith('functions/')))(
    'the triggers of %s stand on one table',
    ([, sql]) => {
      const tables = [...sql.matchAll(/^drop trigger if exists \w+ on ([\w.]+);$/gm)].map(([, table]) => table)

      expect(new Set(tables).size).toBeLessThan(2)
    },
  )

  // These do more than look: one takes back what was not a stranger's to write, one notes the time, one has a job wait again.
  const goFurther = ['on_job_by_others', 'on_job_touched', 'on_job_put_back']
  test.for(everyFile.filter(([, sql]) => /^ {2}before (?:insert|update)\b/m.test(sql)).map(([path]) => path))(
    '%s is called check, since it only looks at a row before it is written',
    (path) => {
      const name = basename(path, '.sql')

      expect(name.startsWith('check_')).toBe(!goFurther.includes(name))
    },
  )

  // PL/pgSQL's `others` is all but what somebody cancels and what somebody asserts.
  test.for(everyFile.filter(([, sql]) => /\b(others|query_canceled)\b[^\n]* then/.test(bare(sql))))(
    '%s survives a trigger that asserts what does not hold wherever it survives one that raises or is cancelled',
    ([, sql]) => {
      const handlers = bare(sql).match(/when [^\n]*\b(?:others|query_canceled)\b[^\n]* then/g)

      expect(handlers?.filter((when) => !/\bassert_failure\b/.test(when))).toEqual([])
    },
  )

  // In these no code of a user's can run, or they run within a user's own statement: its cancel is theirs to hear.
  const canBeCancelled = [
    'hooks/keep_hooks',
    'hooks/hook_source',
    'hooks/write_hook',
    'hooks/find_hook_table',
    'hooks/hook_origin',
    'hooks/hook_part',
    'hooks/hook_writes',
    'hooks/on_change',
    'hooks/adopt_webhooks',
    'hooks/backfill',
    'fetchq/queue_set_logs_retention',
    'targets/make_webhook_secret',
    'audit/read_object',
    'health/secret_fingerprint',
    'access/on_job_shown',
    'access/supaqueue_status',
    'access/supaqueue_enqueue',
    'access/supaqueue_cancel',
    'access/supaqueue_signal',
  ]
  test.for(
    everyFile.filter(([path, sql]) =>
      /\bothers\b[^\n]* then/.test(bare(sql)) &&
      !canBeCancelled.some((name) => path === `functions/modules/${name}.sql`)
    ),
  )('%s survives a trigger that is cancelled wherever it survives one that raises', ([, sql]) => {
    const handlers = bare(sql).match(/when [^\n]*\bothers\b[^\n]* then/g)

    expect(handlers?.filter((when) => !/\bquery_canceled\b/.test(when))).toEqual([])
  })

  test('lets nothing that the Data API serves return a set, which it would cut at 1,000 rows', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select oid::regprocedure::text as name from ${functions}
        and proretset and pronamespace <> 'supaqueue_internal'::regnamespace`)

    expect(rows).toEqual([])
  })

  // It finds a function by the names of the arguments alone, and answers 300 PGRST203 where two have them all and lack none.
  test('lets nothing that the Data API serves be meant by the same arguments as another', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const meantTwice = async () =>
      (await harness.db.query(`
        with called as (
          select oid, pronamespace, proname, coalesce(proargnames[1:pronargs], '{}') as names,
            coalesce(proargnames[1:pronargs - pronargdefaults], '{}') as needed
          from ${functions} and pronamespace <> 'supaqueue_internal'::regnamespace
        )
        select one.oid::regprocedure::text as name from called as one join called as other
          on other.pronamespace = one.pronamespace and other.proname = one.proname and other.oid < one.oid
        where one.names @> other.needed and other.names @> one.needed`)).rows

    expect(await meantTwice()).toEqual([])
    await harness.db.query(
      `create function supaqueue.pause(queue text, why text default '') returns void language sql as ''`,
    )
    expect(await meantTwice()).toHaveLength(1)
  })

  test('pins the search path of every function, describes it, and closes it to strangers', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select oid::regprocedure::text as name
      from ${functions}
        and not ('search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))
          and obj_description(oid, 'pg_proc') is not null
          and not has_function_privilege('anon', oid, 'execute')
          and not has_function_privilege('authenticated', oid, 'execute'))`)

    expect(rows).toEqual([])
  })

  // The platform's page on custom schemas has people grant all routines of an exposed schema to anon.
  test('has none run as its owner in the schema that the Data API may be told to show', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select proname as name from pg_proc where pronamespace = 'supaqueue'::regnamespace and prosecdef`,
    )

    expect(rows).toEqual([])
  })

  test.for(functionFiles.map((file) => [file.path, bare(file.sql)] as const))(
    '%s says no rights, which stand in keep_rights, unless its function is in public',
    ([, sql]) => {
      const made = sql.match(/create or replace function \S+?\(/g) ?? []
      const closed = sql.match(/revoke execute on function [^;]+ from public, anon, authenticated;/g) ?? []
      const said = sql.match(/^\s*(grant|revoke) /gm) ?? []

      expect(made.length).toBeGreaterThan(0)
      if (schemaOf(sql) === 'public') expect(closed).toHaveLength(made.length)
      else expect(said).toEqual([])
    },
  )
})

describe('views of functions/', () => {
  test('holds one file for each view in the database, and none besides', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select relname as name from pg_class
       where relnamespace = 'supaqueue'::regnamespace and relkind = 'v' and obj_description(oid, 'pg_class') is not null
       order by 1`,
    )

    expect(rows.map(({ name }) => name)).toEqual(viewFiles.map((file) => basename(file.path, '.sql')).sort())
  })

  test('comes last: what a view reads must be there when it is made', () => {
    const applied = appliedFiles().map(isView)

    expect(applied).toEqual([...applied].sort((one, other) => Number(one) - Number(other)))
    expect(applied.at(-1)).toBe(true)
  })

  test.for(viewFiles.map((file) => [file.path, bare(file.sql)] as const))(
    '%s replaces its view, has it run as its reader, and closes it to strangers',
    ([, sql]) => {
      expect(sql).toMatch(/create or replace view supaqueue\.\w+ with \(security_invoker = true\) as\n/)
      expect(sql).toMatch(/revoke all on supaqueue\.\w+ from public, anon, authenticated;/)
    },
  )
})

describe('migrations/', () => {
  test('are numbered without a gap', () => {
    const numbers = migrationFiles.map((file) => basename(file.path)).filter((name) => /^\d/.test(name)).sort()

    expect(numbers.map((name) => name.slice(0, 5))).toEqual(numbers.map((_, i) => `${i + 1}_`.padStart(5, '0')))
  })

  test.for(migrationFiles.map((file) => basename(file.path)))('%s says whose tables it is about', (name) => {
    const modules = readdirSync(join(root, 'functions/modules'))

    expect(['core', ...modules]).toContain(name.match(/^\d{4}_([a-z]+)[_.]/)?.[1])
  })

  test.for(migrationFiles.map((file) => [file.path, bare(file.sql)] as const))(
    '%s holds no body of a function',
    ([, sql]) => {
      expect(sql).not.toMatch(/create (or replace )?(function|procedure)|\$\$/)
    },
  )
})

describe('SQL', () => {
  test.for(everyFile)('of %s is in lower case', ([, sql]) => {
    expect(bare(sql).match(/.*[A-Z].*/g) ?? []).toEqual([])
  })

  test.for(everyFile)('of %s has no names that begin with p_ or v_', ([, sql]) => {
    expect(bare(sql)).not.toMatch(/\b[pv]_/)
  })

  test.for(everyFile)('of %s never raises what PostgREST takes for a reason to try for ever', ([, sql]) => {
    expect(sql).not.toMatch(/40001|40P01|serialization_failure|deadlock_detected/i)
  })

  // `x::text` of JSON may be very many times what is stored: what has a guard says where.
  test.for(everyFile)('of %s casts no JSON to text before its size is known', ([path, sql]) => {
    const guarded = [
      'enqueue/bytes_over',
      'explain/excerpt',
      'report/finish',
      'core/supaqueue_turn',
      'claim/keep_what_fits',
      'wake/wake',
    ]
    const casts =
      bare(sql).match(/\b(payload|state|result|headers|query|progress|body|value|schema)(')?\)?::text\b/g) ?? []

    if (!guarded.some((name) => path.endsWith(`${name}.sql`))) expect(casts).toEqual([])
  })

  test('asks one path of numbers and depth, wherever it does', () => {
    const paths = new Set(everyFile.flatMap(([, sql]) => sql.match(/@@ '[^']+'/g) ?? []))

    expect(paths.size).toBe(1)
  })

  test.for(everyFile)('of %s has no placeholder that somebody would have to replace', ([, sql]) => {
    expect(sql).not.toMatch(/\[[A-Z]{2,}[A-Z_-]*\]|\{\{|<[A-Z_]{3,}>/)
  })

  test.for(everyFile)('of %s raises errors with a code of ours, a message and a hint', ([, sql]) => {
    const raised = sql.match(/raise (exception|warning)[^;]*;/g) ?? []

    for (const statement of raised) {
      expect(statement).toMatch(/^raise (exception|warning) using\s/)
      expect(statement).toMatch(/\berrcode = 'SQ\d{3}'/)
      expect(statement).toMatch(/\bmessage = /)
      expect(statement).toMatch(/\bhint = '/)
    }
  })

  test.for(functionFiles.map((file) => [file.path, bare(file.sql)] as const))(
    'of %s that bends the plan is never compiled just in time: a path that is switched off is estimated at 1e10',
    ([, sql]) => {
      expect(/set enable_\w+ = off/.test(sql) && !/set jit = off/.test(sql)).toBe(false)
    },
  )

  // What foreign keys make of that: docs/internals/sql.md, "Locks".
  test.for(everyFile.filter(([, sql]) => sql.includes('heartbeat as held')))(
    'of %s takes the row of a queue with its heartbeat',
    ([, sql]) => {
      const held = sql.split('supaqueue.heartbeat as held').slice(1).map((rest) => rest.slice(0, rest.indexOf(';')))

      expect(held.filter((lock) => !lock.includes('for update of held skip locked for key share of home skip locked')))
        .toEqual([])
    },
  )

  test('compares no column with a volatile function, which is then asked for every row', async ({ harness }) => {
    const { rows } = await harness.db.query(`select proname from ${functions} and provolatile = 'v'`)
    const volatile = new Set(rows.map(({ proname }) => proname))
    const compared = /(?:where|\band|\bon)\s[^;\n]*?(?:=|<|>)\s*(?:any \()?supaqueue_internal\.(\w+)\(/g
    const found = everyFile.flatMap(([file, sql]) =>
      [...sql.matchAll(compared)].filter(([, name]) => volatile.has(name)).map(([, name]) => `${file}: ${name}`)
    )

    // Of a table that has one row.
    expect(found).toEqual(['functions/modules/metrics/count_enqueued.sql: last_job_id'])
  })

  test('raises the codes that docs/reference/errors.md explains, and no others', () => {
    const readme = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
    const installer = readdirSync(join(root, 'scripts/cli/database'))
      .map((name) => readFileSync(join(root, 'scripts/cli/database', name), 'utf8'))

    const codes = (text: string) => [...new Set(text.match(/\bSQ\d{3}\b/g) ?? [])].sort()
    const explained = codes(readme.split('\n').filter((line) => line.startsWith('- `SQ')).join('\n'))
    expect(explained).toEqual(codes([...[...everyFile, ...addonFiles].map(([, sql]) => sql), ...installer].join('\n')))
  })
})

// What Supabase's database linter would find, so that a project that installs supaqueue is told nothing new.
describe('the database linter finds', () => {
  const relations = `pg_class.relnamespace = 'supaqueue'::regnamespace`

  test('no foreign key without an index (0001)', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select conname from pg_constraint
      join pg_class on pg_class.oid = conrelid and ${relations}
      where contype = 'f' and not exists (
        select from pg_index
        where indrelid = conrelid
          -- One of the rows that refer to something finds those as well.
          and (indpred is null or pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', (
            select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]
          )))
          and (indkey::smallint[])[0 : cardinality(conkey) - 1] @> conkey
      )`)

    expect(rows).toEqual([])
  })

  // counter_delta is only ever inserted into, and taken away as a whole: an index would cost every turn, and find nothing.
  test('no table without a primary key (0004), but the one that is never looked up', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select relname from pg_class
      where ${relations} and relkind in ('r', 'p') and relname <> 'counter_delta'
        and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)`)

    expect(rows).toEqual([])
  })

  test('no two indexes that are the same (0009)', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select array_agg(indexrelid::regclass::text) as same
      from pg_index join pg_class on pg_class.oid = indrelid and ${relations}
      group by indrelid, indkey::text, indoption::text, indclass::text,
        coalesce(pg_get_expr(indpred, indrelid), ''), coalesce(pg_get_expr(indexprs, indrelid), '')
      having count(*) > 1`)

    expect(rows).toEqual([])
  })

  test('no view that runs as its owner (0010)', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select relname from pg_class
      where ${relations} and relkind = 'v' and not 'security_invoker=true' = any (coalesce(reloptions, '{}'))`)

    expect(rows).toEqual([])
  })

  test('no function with a search path that its caller chooses (0011)', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select proname from ${functions} and not 'search_path=pg_catalog, pg_temp' = any (coalesce(proconfig, '{}'))`,
    )

    expect(rows).toEqual([])
  })

  test('no table without row level security (0013)', async ({ harness }) => {
    const { rows } = await harness.db.query(
      `select relname from pg_class where ${relations} and relkind in ('r', 'p') and not relrowsecurity`,
    )

    expect(rows).toEqual([])
  })

  test('no column of a type that stands in the way of an upgrade (0018)', async ({ harness }) => {
    const { rows } = await harness.db.query(`
      select attrelid::regclass, attname from pg_attribute
      join pg_class on pg_class.oid = attrelid and ${relations} and relkind in ('r', 'p')
      where attnum > 0 and atttypid in (
        'regcollation'::regtype, 'regconfig'::regtype, 'regdictionary'::regtype, 'regnamespace'::regtype,
        'regoper'::regtype, 'regoperator'::regtype, 'regproc'::regtype, 'regprocedure'::regtype
      )`)

    expect(rows).toEqual([])
  })

  // What the other checks of security look at is not there: nothing of it can be wrong.
  test.for(
    [
      [
        'policy (0003, 0006, 0007, 0012, 0015, 0024)',
        `select polname from pg_policy join pg_class on pg_class.oid = polrelid and ${relations}`,
      ],
      [
        'view that reads the schema auth (0002)',
        `select pg_class.relname
         from pg_class
         join pg_rewrite on pg_rewrite.ev_class = pg_class.oid
         join pg_depend on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
         join pg_class as read on pg_depend.refclassid = 'pg_class'::regclass and read.oid = pg_depend.refobjid
         where ${relations} and pg_class.relkind = 'v' and read.relnamespace = to_regnamespace('auth')`,
      ],
      ['materialized view (0016)', `select relname from pg_class where ${relations} and relkind = 'm'`],
      ['foreign table (0017)', `select relname from pg_class where ${relations} and relkind = 'f'`],
      [
        'foreign key into the schema auth (0021)',
        `select conname from pg_constraint
         join pg_class on pg_class.oid = conrelid and ${relations}
         join pg_class as target on target.oid = confrelid and target.relnamespace = to_regnamespace('auth')`,
      ],
      [
        'extension in public or in supaqueue (0014)',
        `select extname from pg_extension where extnamespace in ('public'::regnamespace, 'supaqueue'::regnamespace)`,
      ],
      // The queues of another extension, and columns with names of secrets, are looked for in schemas that the API shows.
      [
        'table in public (0013, 0019, 0023)',
        `select relname from pg_class where relnamespace = 'public'::regnamespace`,
      ],
    ] as const,
  )('no %s', async ([, sql], { harness }) => {
    expect((await harness.db.query(sql)).rows).toEqual([])
  })

  test.for(['anon', 'authenticated'])(
    'no function that %s could run as its owner (0028, 0029)',
    async (role, { harness }) => {
      const { rows } = await harness.db.query(
        `select proname from ${functions} and prosecdef and has_function_privilege($1, oid, 'execute')`,
        [role],
      )

      expect(rows).toEqual([])
    },
  )
})

describe('settings of a transaction', () => {
  test('are listed, with what they mean, in the README of the core or of their module', () => {
    const told = ['functions/core/README.md', 'functions/modules/README.md']
      .map((path) => readFileSync(join(root, path), 'utf8')).join('\n')
    const used = new Set(
      everyFile.flatMap(([, sql]) =>
        [...sql.matchAll(/(?:set_config|current_setting)\('(supaqueue\.[a-z_]+)'/g)].map(([, name = '']) => name)
      ),
    )

    expect(used.size).toBeGreaterThan(2)
    expect([...used].filter((name) => !told.includes(`\`${name}`))).toEqual([])
  })
})
