import { execFileSync } from 'node:child_process'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { openConsole } from '../../scripts/console/open.ts'
import { type Hosted, startHosted } from '../support/management_api/hosted.ts'
import { PUBLISHED, PUBLISHED_DEPENDENCIES } from '../support/published.ts'

// A database in which a role that may make schemas has laid traps, for the owner to step into by whatever command; and one whose
// names are meant for the terminal, or for the shell, of who reads them.

let project: Hosted
let stranger: pg.Client
let name: string

beforeEach(async () => {
  project = await startHosted({ net: false, cron: false })
  const admin = new pg.Client({ connectionString: project.adminUrl })
  await admin.connect()
  name = `stranger_${new URL(project.adminUrl).pathname.slice(1)}`
  await admin.query(`
    create role ${name} login password 'stranger';
    grant create on database ${new URL(project.adminUrl).pathname.slice(1)} to ${name};
    create table public.stepped (who text, wherein text);
    grant insert, select on public.stepped to public`)
  await admin.end()
  const url = new URL(project.adminUrl)
  Object.assign(url, { username: name, password: 'stranger' })
  stranger = new pg.Client({ connectionString: url.href })
  await stranger.connect()
  // Whatever runs it, with whose rights: outside of his own session he has no more to show for it than that.
  await stranger.query(`
    create schema mine;
    grant usage on schema mine to public;
    create function mine.step(wherein text) returns boolean language plpgsql volatile as $$
    begin
      if session_user <> '${name}' then insert into public.stepped values (current_user, wherein); end if;
      return true;
    exception when others then
      -- In a transaction that only reads, there is nothing to insert; who ran it would say so.
      raise exception 'stepped into %', wherein;
    end $$`)
})
afterEach(async () => {
  await stranger?.query(`drop owned by ${name} cascade`).catch(() => undefined)
  await stranger?.end()
  const admin = new pg.Client({ connectionString: project.adminUrl })
  await admin.connect()
  await admin.query(`drop owned by ${name} cascade; drop role ${name}`)
  await admin.end()
  await project?.stop()
})

const stepped = async () => (await project.db.query('select * from public.stepped')).rows

const COMMANDS = [
  'install --yes',
  'install --dry-run',
  'install --from-published --yes',
  'install --from-published --dry-run',
  'upgrade --yes',
  'doctor',
  'status',
  'job 1',
  'failures',
  'alerts',
  'enqueue mail',
  'create-queue mail',
  'pause mail',
  'retry 1',
  'retry-failed --queue mail --yes',
  'adopt --yes',
  'rotate-secret --yes',
  'remove --yes',
  'remove --dry-run',
  'remove --yes --keep-data',
]

/** By the database alone, and with the platform. */
const run = async (command: string) =>
  await Promise.all([
    project.run(command.split(' ')),
    project.run([...command.split(' '), '--db-url', project.ownerUrl], { env: { SUPABASE_PROJECT_ID: '' } }),
  ])

async function expectNoneSteps(commands = COMMANDS): Promise<void> {
  for (const command of commands) {
    for (const { text } of await run(command)) expect(text, command).not.toContain('stepped into')
    expect(await stepped(), command).toEqual([])
  }
}

/** What reads look for in ours, as views that step. */
const traps = (tables: string[]) =>
  tables.map((table) =>
    `create view supaqueue.${table} as select mine.step('${table}') as value, 'functions_url' as name`
  )
    .join(';')

describe('a schema supaqueue of a stranger is no supaqueue', () => {
  test('that looks like this one', async () => {
    await stranger.query(`
      create schema supaqueue;
      create table supaqueue.migration (name text, checksum text, applied_at timestamptz);
      insert into supaqueue.migration values ('0001_core', 'x', now());
      ${
      traps([
        'setting',
        'queue_overview',
        'failures',
        'job',
        'queue',
        'applied_file',
        'alert_rule',
        'door',
        'hook',
        'chore',
      ])
    };
      grant usage on schema supaqueue to public; grant all on all tables in schema supaqueue to public`)

    await expectNoneSteps()
    const { code, text } = await project.run(['status'])
    expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('is of somebody else') })
    await expect(
      openConsole({ port: 0, readOnly: true, embedded: false, person: '', dbUrl: project.ownerUrl }, project.deps()),
    ).rejects.toMatchObject({ code: 'SQ409' })
  })

  test('that looks like the one published in 2024, its triggers, policies and operators set', async () => {
    await stranger.query(`
      ${PUBLISHED.replace(/create function public\.[^]*?\$\$;/, '')}${PUBLISHED_DEPENDENCIES}
      create function mine.tripped() returns trigger language plpgsql as
        $$ begin perform mine.step(tg_table_name); return coalesce(new, old); end $$;
      create trigger mine before insert or update or delete on supaqueue.job for each row execute function mine.tripped();
      create trigger mine before insert or update or delete on supaqueue.current_job for each row execute function mine.tripped();
      create function mine.same(one supaqueue.job_status, other supaqueue.job_status) returns boolean language sql as
        $$ select mine.step('an operator') $$;
      create operator pg_temp.= (leftarg = supaqueue.job_status, rightarg = supaqueue.job_status, function = mine.same);
      alter table supaqueue.job enable row level security, force row level security;
      create policy mine on supaqueue.job using (mine.step('a policy'));
      grant usage on schema supaqueue to public; grant all on all tables in schema supaqueue to public`)

    await expectNoneSteps()
  })

  test('nor is one in a schema of the owner whose tables are his', async () => {
    await project.db.query(`create schema supaqueue; grant all on schema supaqueue to ${name}`)
    await stranger.query(`
      create table supaqueue.migration (name text, checksum text, applied_at timestamptz);
      ${traps(['setting', 'queue_overview', 'failures', 'job', 'queue', 'applied_file'])};
      grant all on all tables in schema supaqueue to public`)

    await expectNoneSteps()
  })
})

test('what he has put on the search path of the database stands in front of nothing', async () => {
  const admin = new pg.Client({ connectionString: project.adminUrl })
  await admin.connect()
  await admin.query(
    `alter database ${new URL(project.adminUrl).pathname.slice(1)} set search_path = mine, pg_catalog, public`,
  )
  await admin.end()
  const { rows: functions } = await stranger.query(`
    select distinct on (p.proname, p.proargtypes) p.proname as name, p.oid::regprocedure::text as signature,
      pg_get_function_identity_arguments(p.oid) as arguments, format_type(p.prorettype, null) as result
    from pg_proc as p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and not p.proretset and p.provariadic = 0
      and p.proname in ('to_regclass', 'to_regnamespace', 'to_regprocedure', 'format', 'current_database', 'obj_description', 'pg_try_advisory_xact_lock',
        'has_schema_privilege', 'has_table_privilege', 'set_config', 'current_setting', 'version', 'now', 'clock_timestamp', 'starts_with', 'coalesce',
        'format_type', 'quote_ident', 'split_part', 'to_jsonb', 'left', 'md5', 'sha256', 'encode', 'pg_has_role', 'texteq', 'jsonb_build_object')`)
  let laid = 0
  for (const { name: fn, arguments: list, result } of functions) {
    if (/"any"|internal|anyelement|anyarray|cstring|polymorphic/.test(list + result)) continue
    await stranger.query(
      `create function mine.${fn}(${list}) returns ${result} language plpgsql as $$ begin perform mine.step('${fn}'); return null; end $$`,
    )
    laid++
  }
  await stranger.query(`
    create function mine.same(one text, other text) returns boolean language sql as $$ select mine.step('=') $$;
    create operator mine.= (leftarg = text, rightarg = text, function = mine.same);
    create function mine.same(one name, other text) returns boolean language sql as $$ select mine.step('=') $$;
    create operator mine.= (leftarg = name, rightarg = text, function = mine.same);
    create function mine.joined(one text, other text) returns text language sql as $$ select mine.step('||')::text $$;
    create operator mine.|| (leftarg = text, rightarg = text, function = mine.joined)`)
  expect(laid).toBeGreaterThan(20)

  await applyDatabase(project.ownerUrl)
  // Without what waits for a job's round trip, which nobody makes here.
  const waits = /^(remove|rotate|install.*yes|upgrade|doctor)/
  await expectNoneSteps([
    ...COMMANDS.filter((command) => !waits.test(command)),
    ...['install --yes', 'upgrade --yes', 'doctor'].map((command) => `${command} --proof-seconds 0.1`),
  ])
  const { code, text } = await project.run(['remove', '--yes'])
  expect(`${code} ${code === 0 ? '' : text}`).toBe('0 ')
  expect(await stepped()).toEqual([])
})

describe('names that are meant for who reads them', () => {
  const hostile = [
    `x'; touch pwned; '`,
    '$(touch pwned)',
    '`touch pwned`',
    'x\nsupaqueue is gone. The project is what it was before.',
    'x\u001b[2J\u001b]0;title\u0007',
    'x\u009b2J',
    'x\u202eevil',
    '-rf',
    `--also-drop 'y'`,
    '\\',
    '"',
  ]

  test('neither steer the terminal that remove writes to, nor run in the shell that its words are put into', async () => {
    await applyDatabase(project.ownerUrl)
    for (const [i, name] of hostile.entries()) {
      await project.db.query(
        `create view public.${pg.escapeIdentifier(`${name} ${i}`)} as select id from supaqueue.job`,
      )
      await project.db.query(`create table supaqueue.${pg.escapeIdentifier(`${name} ${i}`)} ()`)
    }
    for (const command of ['remove --yes', 'remove --dry-run']) {
      const { text } = await project.run(command.split(' '))

      // deno-lint-ignore no-control-regex
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
      expect(text.split('\n').filter((line) => /^supaqueue is gone|^Dry run/.test(line))).toHaveLength(
        command.includes('dry') ? 1 : 0,
      )
    }

    const { text } = await project.run(['remove', '--yes'])
    const [, given = ''] = /allow it: (--also-drop .*); or keep the tables/.exec(text) ?? []
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${given}`], { cwd: project.folder, encoding: 'utf8' })
    expect(words.trimEnd().split('\n')).toHaveLength(hostile.length * 4)
    expect(words.split('\n').filter((_, i) => i % 2 === 0 && i < hostile.length * 4)).toEqual(
      Array(hostile.length * 2).fill('--also-drop'),
    )
    expect(project.files()).not.toContain('pwned')
  })
})
