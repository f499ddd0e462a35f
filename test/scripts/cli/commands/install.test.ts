import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import pg from 'pg'
import { inventory } from '../../../support/inventory.ts'
import { belongings, furnish } from '../../../support/management_api/belongings.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

async function admin({ adminUrl }: Hosted, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

// One story, told in order: each test goes on where the one before has left the project.
describe('install and remove', () => {
  let project: Hosted
  let before: { database: string[]; belongings: unknown }
  beforeAll(async () => {
    // Keys of the new generation only: the harder case.
    project = await startHosted({ legacyKeys: false })
    await furnish(project)
    before = { database: await inventory(project.adminUrl), belongings: await belongings(project) }
  })
  afterAll(() => project?.stop())

  test('a dry run shows every statement and call, hides the secret, and makes none', async () => {
    const { code, out } = await project.run(['install', '--dry-run'])

    expect(code).toBe(0)
    expect(out).toContain('create table supaqueue.job')
    expect(out).toContain('create or replace function public.supaqueue_turn')
    expect(out).toContain('select vault.create_secret($1, $2, $3);   -- $1 = ***')
    expect(out).toContain(`POST /v1/projects/${project.state.ref}/secrets [{"name":"SUPAQUEUE_SECRET","value":"***"}]`)
    expect(out).toContain('supabase functions deploy supaqueue --use-api --no-verify-jwt')
    expect(out).toContain('"db_schema":"public,graphql_public,api,supaqueue"')
    expect(project.mock.asked.filter(({ method }) => method !== 'GET')).toEqual([])
    expect(await inventory(project.adminUrl)).toEqual(before.database)
  })

  test('whoever does not say yes changes nothing', async () => {
    const { code, text } = await project.run(['install'], { answers: [''] })

    expect(code).toBe(3)
    expect(text).toContain('Nothing was changed')
    expect(await inventory(project.adminUrl)).toEqual(before.database)
  })

  describe('broken off at any step, a second one goes on', () => {
    const cases: { at: string; cut: () => unknown; fix: () => unknown; code: number; says: RegExp }[] = [
      {
        at: 'an extension that cannot be enabled',
        cut: () => admin(project, 'alter function net.http_post rename to http_post_away'),
        fix: () => admin(project, 'alter function net.http_post_away rename to http_post'),
        code: 1,
        says: /SQ503: the extension pg_net cannot be enabled.*\nWhat to do: Enable it under Database, Extensions/,
      },
      {
        at: 'the tables',
        cut: () =>
          admin(
            project,
            `create function refuse() returns event_trigger language plpgsql as $$begin raise 'no triggers here'; end$$;
                 create event trigger refuse on ddl_command_start when tag in ('CREATE TRIGGER') execute function refuse()`,
          ),
        fix: () => admin(project, 'drop event trigger refuse; drop function refuse()'),
        code: 1,
        says: /no triggers here.*\nWhat to do: .*install again/s,
      },
      {
        at: 'the secret of the functions, too many requests',
        cut: () => project.mock.fail({ method: 'POST', path: /secrets/, how: 429 }),
        fix: () => project.mock.fix(),
        code: 4,
        says: /SQ429: set SUPAQUEUE_SECRET for the functions: the platform answered 429.*\nWhat to do: .*Wait/,
      },
      {
        at: 'the secret of the functions, set without an answer',
        cut: () => project.mock.fail({ method: 'POST', path: /secrets/, how: 'cut after' }),
        fix: () => project.mock.fix(),
        code: 4,
        says: /set SUPAQUEUE_SECRET for the functions: the platform cannot be reached/,
      },
      {
        at: 'Vault',
        cut: () => admin(project, 'alter function vault.create_secret rename to create_secret_away'),
        fix: () => admin(project, 'alter function vault.create_secret_away rename to create_secret'),
        code: 1,
        says: /function vault.create_secret.* does not exist/,
      },
      {
        at: 'the deployment',
        cut: () => project.mock.fail({ method: 'POST', path: /deploy/, how: 500 }),
        fix: () => project.mock.fix(),
        code: 4,
        says: /deploy the function supaqueue: the platform answered 500/,
      },
      {
        at: 'the deployment, made without an answer',
        cut: () => project.mock.fail({ method: 'POST', path: /deploy/, how: 'cut after' }),
        fix: () => project.mock.fix(),
        code: 4,
        says: /deploy the function supaqueue: the platform cannot be reached/,
      },
      {
        at: 'the exposed schemas',
        cut: () => project.mock.fail({ method: 'PATCH', how: 403 }),
        fix: () => project.mock.fix(),
        code: 4,
        says: /SQ403: write the exposed schemas: the platform answered 403/,
      },
    ]

    for (const { at, cut, fix, code, says } of cases) {
      test(at, async () => {
        await cut()
        const broken = await project.run(['install', '--yes'])
        await fix()

        expect(broken.text).toMatch(says)
        expect(broken.code).toBe(code)
      })
    }

    test('then it ends, and a test job makes the round trip', async () => {
      const { code, text } = await project.run(['install', '--yes'])

      expect(text).toMatch(/Proof: a test job came back after \d+ ms/)
      expect(code).toBe(0)
    })
  })

  test('a second install finds all in place and writes nothing to the platform', async () => {
    const secret = project.state.secrets.get('SUPAQUEUE_SECRET')
    project.mock.asked.length = 0
    const { code, text } = await project.run(['install', '--yes'])

    expect(code).toBe(0)
    expect(text.match(/in place:/g)).toHaveLength(8)
    expect(text).not.toContain('installed:')
    expect(text).toContain('in place:  the sweep, called by pg_cron: every ten seconds\n')
    expect(project.mock.asked.filter(({ method }) => method !== 'GET')).toEqual([])
    expect(project.state.secrets.get('SUPAQUEUE_SECRET')).toBe(secret)
  })

  test('the secret is the same on both sides, and in no output, setting or request header', async () => {
    const { rows } = await project.db.query(
      `select decrypted_secret as secret from vault.decrypted_secrets where name = 'supaqueue_secret'`,
    )
    const secret = project.state.secrets.get('SUPAQUEUE_SECRET') ?? ''
    const { text } = await project.run(['doctor', '--json'])
    const settings = await project.db.query('select * from supaqueue.setting')

    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(rows).toEqual([{ secret }])
    expect(text + JSON.stringify(settings.rows)).not.toContain(secret)
  })

  test('what the user had is untouched, the schema is exposed beside theirs, and nothing else was left', async () => {
    const after = await belongings(project) as Record<string, unknown[]>

    expect(project.state.schemas).toBe('public,graphql_public,api,supaqueue')
    expect(after).toMatchObject({
      invoices: [{ id: '1', note: 'of the user' }],
      migrations: [{ version: '20260101000000' }],
    })
    expect(after.secrets).toContainEqual(['OPENAI_API_KEY', 'of-the-user'])
    expect(after.functions).toContainEqual(expect.objectContaining({ slug: 'hello', version: 7, verify_jwt: true }))
    expect(after.cron).toContainEqual(expect.objectContaining({ jobname: 'nightly' }))
    expect(after.vault).toContainEqual(expect.objectContaining({ name: 'stripe_key' }))
    expect((await project.db.query('select from supaqueue.queue')).rowCount).toBe(0)
  })

  test("remove refuses to take along what is the user's own, and names it", async () => {
    await project.db.query(`
      alter table public.invoice add column job bigint constraint invoice_has_a_job references supaqueue.job;
      create view api.waiting as select id from supaqueue.job where status = 'pending'`)
    const { code, text } = await project.run(['remove', '--yes'])

    expect(code).toBe(1)
    expect(text).toContain('constraint invoice_has_a_job on table public.invoice')
    expect(text).toContain(`--also-drop 'api.waiting' --also-drop 'public.invoice.invoice_has_a_job'`)
    expect((await project.db.query('select from supaqueue.migration')).rowCount).toBeGreaterThan(0)
  })

  describe('of what the user has put inside the schema', () => {
    beforeAll(async () => {
      await admin(project, 'create extension citext schema supaqueue')
      await project.db.query(`
        create table supaqueue.my_note (id bigint generated always as identity, text text, serial serial);
        create view supaqueue.my_jobs as select id from supaqueue.job;
        create type supaqueue.mood as enum ('good');
        create function supaqueue.enqueue(mood supaqueue.mood) returns integer language sql as 'select 1';
        create function supaqueue_internal.mine() returns integer language sql as 'select 1'`)
    })
    afterAll(async () => {
      await project.db.query(`
        drop function supaqueue.enqueue(supaqueue.mood), supaqueue_internal.mine();
        drop type supaqueue.mood; drop view supaqueue.my_jobs; drop table supaqueue.my_note`)
      await admin(project, 'drop extension citext')
    })

    test('remove names every kind, and each must be allowed', async () => {
      const { code, text } = await project.run(['remove', '--yes'])
      const dry = await project.run(['remove', '--dry-run'])

      expect(code).toBe(1)
      const asked = [...text.matchAll(/--also-drop '([^']+)'/g)].map(([, name]) => name)
      expect(asked).toEqual([
        'citext',
        'supaqueue.enqueue(supaqueue.mood)',
        'supaqueue.mood',
        'supaqueue.my_jobs',
        'supaqueue.my_note',
        'supaqueue_internal.mine()',
        'api.waiting',
        'public.invoice.invoice_has_a_job',
      ])
      expect(text).toContain('Yours, and goes with the schema: table supaqueue.my_note\n')
      expect(dry.out).toContain('-- goes along: supaqueue.my_note\n')
    })
  })

  test('remove asks for each of them by name, and a no changes nothing', async () => {
    const { code, text } = await project.run(['remove'], { answers: ['y', 'n'] })

    expect(code).toBe(3)
    expect(text).toContain('Drop api.waiting, too?')
    expect(text).toContain('Drop public.invoice.invoice_has_a_job, too?')
    expect(project.state.functions.has('supaqueue')).toBe(true)
  })

  test('a dry run of remove shows what would go, and takes nothing away', async () => {
    const { code, out } = await project.run(['remove', '--dry-run'])

    expect(code).toBe(0)
    expect(out).toContain('drop schema supaqueue, supaqueue_internal cascade;')
    expect(out).toContain('/functions/supaqueue\n')
    expect(out).toContain('/secrets ["SUPAQUEUE_SECRET"]')
    expect(out).toContain('-- goes along: api.waiting')
    expect(project.state.functions.has('supaqueue')).toBe(true)
  })

  test('remove --keep-data leaves the tables and their rows, and a later install goes on with them', async () => {
    await project.db.query(`
      insert into supaqueue.queue (edge_function_name) values ('hello');
      insert into supaqueue.queue (name, url) values ('hooks', 'https://api.example.com/hook')`)
    const signing = async () =>
      (await project.db.query(`select id, updated_at from vault.secrets where name like 'supaqueue_webhook_secret%'`))
        .rows
    const known = await signing()
    await project.db.query(`create view supaqueue.mine as select 1 as one;
      create function supaqueue.my_own() returns integer language sql as 'select 1'`)
    await project.db.query(`
      create table public.photos (id integer primary key);
      select supaqueue.on_change('public.photos', 'hello')`)
    const removed = await project.run(['remove', '--keep-data', '--yes'])
    await project.db.query('insert into public.photos values (1)')
    const captured = await project.db.query('select from supaqueue.job')
    const theirs = await project.db.query('select one, supaqueue.my_own() from supaqueue.mine')
    await project.db.query('drop view supaqueue.mine; drop function supaqueue.my_own()')
    const { rows } = await project.db.query('select name from supaqueue.queue order by name')
    expect(theirs.rows).toEqual([{ one: 1, my_own: 1 }])
    const [functions] = (await project.db.query(
      `select count(*)::integer from pg_proc where pronamespace = 'supaqueue'::regnamespace`,
    )).rows
    const again = await project.run(['install', '--yes'])
    await project.db.query('insert into public.photos values (2)')
    const { rows: hooked } = await project.db.query(
      `delete from supaqueue.job where payload ->> 'table' = 'photos' returning payload -> 'record' as record`,
    )
    await project.db.query(
      `insert into public.photos values (3); delete from supaqueue.job where payload ->> 'table' = 'photos'`,
    )

    expect(removed.code).toBe(0)
    expect(captured.rowCount).toBe(0)
    expect(hooked).toEqual([{ record: { id: 2 } }])
    expect(rows).toEqual([{ name: 'hello' }, { name: 'hooks' }])
    // Its receivers know it.
    expect(known).toHaveLength(1)
    expect(await signing()).toEqual(known)
    expect(functions).toEqual({ count: 0 })
    expect(again.text).toMatch(/Proof: a test job came back/)
  })

  test('remove drops nothing that the Data API still serves', async () => {
    project.mock.fail({ method: 'PATCH', how: 500 })
    const { code, text } = await project.run(['remove'], { answers: ['y', 'yes', project.state.ref] })
    project.mock.fix()

    expect(text).toMatch(/write the exposed schemas: the platform answered 500/)
    expect(code).toBe(4)
    const { rows } = await project.db.query(`select to_regclass('supaqueue.job') is not null as is_there`)
    expect(rows).toEqual([{ is_there: true }])
    expect(project.state.schemas).toMatch(/\bsupaqueue\b/)
  })

  test('remove, the project named and every name confirmed, leaves no trace', async () => {
    const { code, text } = await project.run(['remove'], { answers: ['y', 'yes', project.state.ref] })
    await project.db.query('alter table public.invoice drop column job')
    // Its hook has left it as writable as it was.
    await project.db.query('insert into public.photos values (4); drop table public.photos')

    expect(text).toContain('With it go 2 queues and 0 jobs')
    expect(code).toBe(0)
    expect(await inventory(project.adminUrl)).toEqual(before.database)
    expect(await belongings(project)).toEqual(before.belongings)
  })

  test('remove where nothing is left finds nothing, and says so', async () => {
    const { code, text } = await project.run(['remove', '--yes'])

    expect(code).toBe(0)
    expect(text.match(/not ours:/g)).toHaveLength(8)
  })

  test('an extension that came with supaqueue goes with it', async () => {
    await admin(project, 'drop extension if exists pgcrypto')
    const without = await inventory(project.adminUrl)
    await project.run(['install', '--yes', '--no-expose'])
    const { code } = await project.run(['remove', '--yes'])

    expect(code).toBe(0)
    expect(project.state.schemas.split(',').map((schema) => schema.trim())).toEqual(['public', 'graphql_public', 'api'])
    expect(await inventory(project.adminUrl)).toEqual(without)
  })

  test.each([
    [
      'a default',
      'create table public.token (t bytea default extensions.gen_random_bytes(8))',
      'drop table public.token',
    ],
    [
      'the text of a function',
      `create function public.sum(t text) returns bytea language plpgsql as 'begin return extensions.digest(t, ''sha256''); end'`,
      'drop function public.sum(text)',
    ],
    [
      'a planned statement',
      `select cron.schedule('of the user', '0 4 * * *', 'select extensions.crypt(''a'', ''b'')')`,
      `select cron.unschedule('of the user')`,
    ],
  ])('but stays where the user has come to need it: %s', async (_, use, leave) => {
    await admin(project, 'drop extension if exists pgcrypto')
    await project.run(['install', '--yes', '--no-expose'])
    await project.db.query(use)
    const { code, text } = await project.run(['remove', '--yes'])
    const { rows } = await project.db.query(`select from pg_extension where extname = 'pgcrypto'`)
    await project.db.query(leave)

    expect(code).toBe(0)
    expect(text).toContain('The extension pgcrypto came with supaqueue and stays: something of yours uses it now.')
    expect(rows).toHaveLength(1)
  })
})

describe('pg_cron', () => {
  let project: Hosted
  beforeAll(async () => {
    project = await startHosted({ cron: false })
  })
  afterAll(() => project?.stop())

  test('that knows no seconds calls the sweep every minute, and every word says so', async () => {
    // As releases before 1.5 do.
    await admin(project, 'alter function cron._expect_schedule rename to expect_newer_schedule')
    await admin(
      project,
      `create function cron._expect_schedule(schedule text) returns void language plpgsql as $$
       begin
         if schedule ~ 'second' then
           raise exception using errcode = 'invalid_parameter_value', message = format('invalid schedule: %s', schedule);
         end if;
       end $$`,
    )
    const { code, text } = await project.run(['install', '--yes'])
    const again = await project.run(['install', '--yes'])
    const doctor = await project.run(['doctor'])
    await admin(
      project,
      'drop function cron._expect_schedule; alter function cron.expect_newer_schedule rename to _expect_schedule',
    )
    const later = await project.run(['install', '--yes'])

    expect(code).toBe(0)
    expect(text).toMatch(
      /the sweep, called by pg_cron: every ten seconds, in one run a minute, because pg_cron before 1.5 knows no seconds/,
    )
    expect(again.text).toMatch(/in place: +the sweep, called by pg_cron: every ten seconds, in one run a minute/)
    expect(doctor.text).toMatch(/ok +sweep +scheduled, has not run yet; every ten seconds, in one run a minute/)
    expect(later.text).toMatch(/the sweep, called by pg_cron: every ten seconds$/m)
  })

  test('that is not there is left out by name, and the fixing that doctor knows is no loop', async () => {
    await admin(project, 'drop schema cron cascade')
    const { code, text } = await project.run(['install', '--yes'])
    const { rows: [{ swept }] } = await project.db.query('select exists (select from supaqueue.last_sweep) as swept')
    const lacking = await project.run(['doctor'])
    await project.db.query('select supaqueue.sweep()')
    const called = await project.run(['doctor'])

    expect(code).toBe(0)
    expect(text).toMatch(/left out: +the extension pg_cron, because it cannot be enabled: .*pg_cron/)
    expect(text).toMatch(/left out: +the sweep, called by pg_cron, because pg_cron is not there/)
    expect(text).toMatch(/Left out .*\n {2}- the extension pg_cron, because/)
    expect(text).not.toMatch(/installed: .*pg_cron/)
    expect(swept).toBe(false)
    expect(lacking.text).toMatch(
      /WRONG sweep +pg_cron is not there.*\n +fix: This server does not have pg_cron: have another scheduler run/,
    )
    expect(lacking.code).toBe(1)
    expect(called.text).toMatch(/ok +sweep +ran \d s ago, called by something else than pg_cron/)
    expect(called.code).toBe(0)
  })
})

test('a step that changes nothing is not said to have been installed', async () => {
  const project = await startHosted({ cron: false })
  try {
    await admin(
      project,
      `create function cron.forget() returns trigger language plpgsql as $$ begin return null; end $$;
       create trigger forget before insert on cron.job for each row execute function cron.forget()`,
    )
    const { code, text } = await project.run(['install', '--yes'])

    expect(code).toBe(1)
    expect(text).toMatch(/SQ500: the sweep, called by pg_cron: no statement failed, and yet it is not there/)
    expect(text).not.toMatch(/installed: the sweep/)
  } finally {
    await project.stop()
  }
})
