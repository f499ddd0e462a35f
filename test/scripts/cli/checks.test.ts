import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { allChecks, examine } from '../../../scripts/cli/checks/all.ts'
import { openProject } from '../../../scripts/cli/project/open.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { type Hosted, startHosted } from '../../support/management_api/hosted.ts'
import type { DeployedFunction } from '../../support/management_api/state.ts'
import { until } from '../../support/until.ts'
import { wakeUpCheck } from '../../../scripts/cli/checks/chain.ts'
import { clockCheck } from '../../../scripts/cli/checks/motion.ts'

let hosted: Hosted
let project: Project
let admin: pg.Client
let deployed: DeployedFunction

beforeAll(async () => {
  hosted = await startHosted()
  await hosted.run(['install', '--yes'])
  project = await openProject({}, hosted.deps())
  deployed = hosted.state.functions.get('supaqueue')!
  admin = new pg.Client({ connectionString: hosted.adminUrl })
  await admin.connect()
})
afterAll(async () => {
  await admin?.end()
  await project?.end()
  await hosted?.stop()
})

/** In this database alone: others of the cluster have the same role. */
const byRole = (clause: string) =>
  admin.query(`alter role authenticator in database ${new URL(hosted.adminUrl).pathname.slice(1)} ${clause}`)

const inspect = async (name: string) =>
  (await examine(
    allChecks(1500).filter((check) => check.name === name).map((check) => ({ ...check, needs: [] })),
    project,
    () => {},
  ))[0]!

const database = () => new URL(hosted.adminUrl).pathname.slice(1)

let line: pg.Client

/** Fifteen hundred requests that the worker of pg_net cannot take yet: whoever holds the line asked before they were committed. */
async function busyLine(): Promise<void> {
  line = new pg.Client({ connectionString: hosted.adminUrl })
  await line.connect()
  const { rows: [{ pid }] } = await line.query('select pg_backend_pid() as pid')
  await admin.query(`
    begin;
    delete from net.http_request_queue;
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    select 'POST', 'https://hooks.invalid/' || n, '{}', '{}', 5000 from generate_series(1, 1500) as n`)
  const held = line.query('begin; lock table net.http_request_queue in exclusive mode')
  await until(async () =>
    (await admin.query('select from pg_locks where pid = $1 and not granted', [pid])).rowCount === 1
  )
  await admin.query('commit')
  await held
}

/** Each link that can break: how it is cut, how that is undone, and what the doctor has to say about it. */
const cuts: {
  what: string
  check: string
  cut: () => unknown
  fix: () => unknown
  detail: RegExp
  remedy: RegExp
}[] = [
  {
    what: 'pg_net is not enabled',
    check: 'extensions',
    cut: () => admin.query('alter function net.http_post rename to away'),
    fix: () => admin.query('alter function net.away rename to http_post'),
    detail: /pg_net missing/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the database is of an older release',
    check: 'schema',
    cut: () => admin.query(`update supaqueue.migration set name = '0000_old' where name = '0005_pull'`),
    fix: () => admin.query(`update supaqueue.migration set name = '0005_pull' where name = '0000_old'`),
    detail: /older release: 1 migrations pending/,
    remedy: /supaqueue:upgrade/,
  },
  {
    what: 'the database is of a newer release',
    check: 'schema',
    cut: () => admin.query(`insert into supaqueue.migration values ('9999_future', '')`),
    fix: () => admin.query(`delete from supaqueue.migration where name = '9999_future'`),
    detail: /newer release than this one: 9999_future/,
    remedy: /git pull/,
  },
  {
    what: 'somebody dropped the trigger of a hook',
    check: 'hooks',
    cut: () =>
      hosted.db.query(`
        create table public.photos (id integer primary key);
        insert into supaqueue.queue (name, edge_function_name) values ('thumbnails', 'hello');
        select supaqueue.on_change('public.photos', 'thumbnails', events => '{insert}');
        do $$ begin execute format('drop trigger %I on public.photos', (select tgname from pg_trigger where tgrelid = 'public.photos'::regclass)); end $$`),
    fix: () => hosted.db.query(`delete from supaqueue.queue where name = 'thumbnails'; drop table public.photos`),
    detail: /the hook photos_thumbnails misses changes of public.photos: its trigger for insert is not there/,
    remedy: /^select supaqueue_internal.keep_hooks\(\);$/,
  },
  {
    what: 'a rule of the user stands on a table',
    check: 'tables',
    cut: () => hosted.db.query('create rule keep as on delete to supaqueue.attempt do instead nothing'),
    fix: () => hosted.db.query('drop rule keep on supaqueue.attempt'),
    detail: /^the rule keep on supaqueue.attempt stands in the way of what supaqueue writes there/,
    remedy: /^drop rule keep on supaqueue.attempt;$/,
  },
  {
    what: 'the chores are gone',
    check: 'tables',
    cut: () => admin.query('create table public.kept as table supaqueue.chore; delete from supaqueue.chore'),
    fix: () => admin.query('insert into supaqueue.chore table public.kept; drop table public.kept'),
    detail: /^the sweep leaves \d+ chores undone, such as \w+: their rows in supaqueue.chore are gone$/,
    remedy: /^npx supaqueue upgrade$/,
  },
  {
    what: 'the turn is gone',
    check: 'schema',
    cut: () => admin.query('alter function public.supaqueue_turn rename to away'),
    fix: () => admin.query('alter function public.away rename to supaqueue_turn'),
    detail: /public.supaqueue_turn is missing/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'service_role may not take turns',
    check: 'grants',
    cut: () => admin.query('revoke execute on function public.supaqueue_turn from service_role'),
    fix: () => admin.query('grant execute on function public.supaqueue_turn to service_role'),
    detail: /service_role may not.*execute on function public.supaqueue_turn\(jsonb\)/,
    remedy: /^grant execute on function public.supaqueue_turn\(jsonb\) to service_role;.*supaqueue:install/,
  },
  {
    what: 'a later migration revokes execute on all functions in the schema public',
    check: 'grants',
    cut: () => admin.query('revoke execute on all functions in schema public from public, anon, service_role'),
    fix: () =>
      admin.query(
        'grant execute on function public.supaqueue_turn(jsonb), public.end_current_job(uuid, boolean, boolean) to service_role',
      ),
    detail: /no turn is taken. Somebody has revoked: execute on function .*supaqueue_turn/,
    remedy: /grant execute .*revoke execute on all functions in schema public/,
  },
  {
    what: 'a later migration closes a door that is open',
    check: 'grants',
    cut: async () => {
      await hosted.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('door', 'hello')`)
      await hosted.db.query(`select supaqueue.allow('door', 'authenticated')`)
      await admin.query('revoke execute on all functions in schema public from public, anon, authenticated')
    },
    fix: () => hosted.db.query('delete from supaqueue.queue'),
    detail: /a door is open, and yet somebody has revoked execute from .*authenticated on public.supaqueue_enqueue/,
    remedy: /^select supaqueue_internal.keep_doors\(\);/,
  },
  {
    what: 'somebody has replaced end_current_job, under our comment',
    check: 'functions',
    cut: () =>
      admin.query(
        `create or replace function public.end_current_job(cur_job_id uuid, _is_complete boolean, _is_successful boolean)
         returns void language plpgsql as 'begin end'`,
      ),
    fix: () => hosted.run(['install', '--yes']),
    detail: /somebody has changed since what was installed: end_current_job/,
    remedy: /supaqueue:install puts ours back/,
  },
  {
    what: 'somebody has made a turn of their own',
    check: 'functions',
    cut: () =>
      admin.query(
        `create function public.supaqueue_turn(request text) returns jsonb language sql as 'select null::jsonb'`,
      ),
    fix: () => admin.query('drop function public.supaqueue_turn(text)'),
    detail: /function of somebody else named public.supaqueue_turn\(request text\)/,
    remedy: /^alter function public.supaqueue_turn\(request text\) rename to another_name;/,
  },
  {
    what: 'strangers may read jobs',
    check: 'grants',
    cut: () => admin.query('grant select on supaqueue.job to anon'),
    fix: () => admin.query('revoke select on supaqueue.job from anon'),
    detail: /anon may use the table supaqueue.job/,
    remedy: /revoke/,
  },
  {
    what: 'Vault has no secret',
    check: 'vault',
    cut: () => admin.query(`update vault.secrets set name = 'away' where name = 'supaqueue_secret'`),
    fix: () => admin.query(`update vault.secrets set name = 'supaqueue_secret' where name = 'away'`),
    detail: /no secret supaqueue_secret/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'Vault has a secret that was encrypted under another key',
    check: 'vault',
    cut: () =>
      admin.query(`create table public.kept as select id, secret from vault.secrets where name = 'supaqueue_secret';
        update vault.secrets set secret = encode(sha256(secret::bytea), 'base64') where name = 'supaqueue_secret'`),
    fix: () =>
      admin.query(`update vault.secrets set secret = kept.secret from public.kept where kept.id = secrets.id;
        drop table public.kept`),
    detail: /cannot decrypt the secret supaqueue_secret.*restore into another project.*invalid ciphertext/,
    remedy: /supaqueue:rotate-secret/,
  },
  {
    what: 'the functions have no secret',
    check: 'secret',
    cut: () => hosted.state.secrets.set('AWAY', take('SUPAQUEUE_SECRET')),
    fix: () => hosted.state.secrets.set('SUPAQUEUE_SECRET', take('AWAY')),
    detail: /the functions have no SUPAQUEUE_SECRET/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the two sides have different secrets',
    check: 'secret',
    cut: () => {
      hosted.state.secrets.set('AWAY', take('SUPAQUEUE_SECRET'))
      hosted.state.secrets.set('SUPAQUEUE_SECRET', 'another one, just as long')
    },
    fix: () => hosted.state.secrets.set('SUPAQUEUE_SECRET', take('AWAY')),
    detail: /different secrets/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'a rotation broke off at its end',
    check: 'secret',
    cut: () => hosted.state.secrets.set('SUPAQUEUE_SECRET_PREVIOUS', 'the one there was before'),
    fix: () => hosted.state.secrets.delete('SUPAQUEUE_SECRET_PREVIOUS'),
    detail: /the previous secret still counts/,
    remedy: /supaqueue:rotate-secret/,
  },
  {
    what: 'the function is not deployed',
    check: 'function',
    cut: () => hosted.state.functions.clear(),
    fix: () => hosted.state.functions.set('supaqueue', deployed),
    detail: /not deployed/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the platform checks JWTs',
    check: 'function',
    cut: () => change({ verify_jwt: true }),
    fix: () => change({ verify_jwt: false }),
    detail: /checks JWTs/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'somebody has deployed another one',
    check: 'function',
    cut: () => change({ version: 99 }),
    fix: () => change({ version: 1 }),
    detail: /not what this checkout holds/,
    remedy: /supaqueue:upgrade/,
  },
  {
    what: 'the URL is wrong',
    check: 'functions url',
    cut: () => setting('http://127.0.0.1:9/functions/v1'),
    fix: () => setting(hosted.functionsUrl),
    detail: /is http:\/\/127.0.0.1:9.*expected/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'nobody answers at the URL',
    check: 'reachable',
    cut: () => Object.assign(project, { reachUrl: 'http://127.0.0.1:9' }),
    fix: () => Object.assign(project, { reachUrl: hosted.functionsUrl }),
    detail: /cannot be reached from here/,
    remedy: /paused/,
  },
  {
    what: 'somebody else answers at the URL',
    check: 'reachable',
    cut: () => Object.assign(project, { reachUrl: hosted.mock.url }),
    fix: () => Object.assign(project, { reachUrl: hosted.functionsUrl }),
    detail: /answered 401, not as the dispatcher does/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the Data API is off',
    check: 'data api',
    cut: () => Object.assign(hosted.state, { schemas: '' }),
    fix: () => Object.assign(hosted.state, { schemas: 'public,supaqueue' }),
    detail: /does not serve public/,
    remedy: /Data API/,
  },
  {
    what: 'an exposed schema is not there',
    check: 'data api',
    cut: () => Object.assign(hosted.state, { schemas: 'public,supaqueue,gone' }),
    fix: () => Object.assign(hosted.state, { schemas: 'public,supaqueue' }),
    detail: /is to serve gone, which the database does not have.*answers nothing/,
    remedy: /Take gone out of the exposed schemas/,
  },
  {
    what: 'a schema is exposed by the role alone, and is not there',
    check: 'data api',
    cut: () => byRole(`set pgrst.db_schemas = 'public, supaqueue, "Gone"'`),
    fix: () => byRole('reset pgrst.db_schemas'),
    detail: /is to serve Gone, which/,
    remedy: /alter role authenticator in database \w+ set pgrst.db_schemas/,
  },
  {
    what: 'the role beats the list of the platform, and lacks the schema',
    check: 'data api',
    cut: () => byRole(`set pgrst.db_schemas = 'public'`),
    fix: () => byRole('reset pgrst.db_schemas'),
    detail: /not exposed/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the schema is not exposed',
    check: 'data api',
    cut: () => Object.assign(hosted.state, { schemas: 'public' }),
    fix: () => Object.assign(hosted.state, { schemas: 'public,supaqueue' }),
    detail: /not exposed/,
    remedy: /--no-expose/,
  },
  {
    what: 'Realtime publishes a table of supaqueue',
    check: 'publications',
    cut: () => admin.query('create publication supabase_realtime for table supaqueue.job, supaqueue.queue'),
    fix: () => admin.query('drop publication supabase_realtime'),
    detail: /whoever subscribes \(supaqueue.job, supaqueue.queue\)/,
    remedy: /^alter publication supabase_realtime drop table supaqueue.job, supaqueue.queue;/,
  },
  {
    what: 'Realtime publishes all tables of the schema',
    check: 'publications',
    cut: () => admin.query('create publication supabase_realtime for tables in schema supaqueue'),
    fix: () => admin.query('drop publication supabase_realtime'),
    detail: /all tables in supaqueue/,
    remedy: /^alter publication supabase_realtime drop tables in schema supaqueue;/,
  },
  {
    what: 'Realtime publishes all tables there are',
    check: 'publications',
    cut: () => admin.query('create publication supabase_realtime for all tables'),
    fix: () => admin.query('drop publication supabase_realtime'),
    detail: /for all tables/,
    remedy: /^drop publication supabase_realtime; create publication/,
  },
  {
    what: 'a Database Webhook sends rows of supaqueue',
    check: 'publications',
    cut: () =>
      admin.query(`
        create schema if not exists supabase_functions;
        create or replace function supabase_functions.http_request() returns trigger language plpgsql as 'begin return new; end';
        create trigger "My hook" after insert on supaqueue.job for each row
          execute function supabase_functions.http_request('http://x.test', 'POST', '{}', '{}', '1000')`),
    fix: () => admin.query('drop trigger "My hook" on supaqueue.job; drop schema supabase_functions cascade'),
    detail: /Database Webhook "My hook" on supaqueue.job puts whole rows/,
    remedy: /^drop trigger "My hook" on supaqueue.job;/,
  },
  {
    what: 'who is not signed in may put triggers on a table',
    check: 'grants',
    cut: () => admin.query('grant truncate, trigger on supaqueue.worker to anon'),
    fix: () => admin.query('select supaqueue_internal.keep_rights()'),
    detail: /anon may use the table supaqueue.worker/,
    remedy: /supaqueue:install takes it back/,
  },
  {
    what: 'everybody may count up the numbers of jobs',
    check: 'grants',
    cut: () => admin.query('grant usage on sequence supaqueue.job_id_seq to public'),
    fix: () => admin.query('select supaqueue_internal.keep_rights()'),
    detail: /anon may use the sequence supaqueue.job_id_seq/,
    remedy: /supaqueue:install takes it back/,
  },
  {
    what: 'users may enter the schema',
    check: 'grants',
    cut: () => admin.query('grant usage on schema supaqueue to authenticated'),
    fix: () => admin.query('select supaqueue_internal.keep_rights()'),
    detail: /authenticated may use the schema supaqueue/,
    remedy: /supaqueue:install takes it back/,
  },
  {
    what: 'pg_net is busy with requests of the user’s own',
    check: 'pg_net',
    cut: busyLine,
    fix: async () => {
      await line.end()
      await admin.query('delete from net.http_request_queue')
    },
    detail: /^busy: 1500 requests wait, 1500 of them not of supaqueue. A wake-up waits behind them, up to 40 s$/,
    remedy: /^select url, count\(\*\) from net.http_request_queue group by url/,
  },
  {
    what: 'the sweep is not scheduled',
    check: 'sweep',
    cut: () => hosted.db.query(`select cron.unschedule('supaqueue_sweep')`),
    fix: () => hosted.db.query('select supaqueue_internal.schedule_sweep()'),
    detail: /no job supaqueue_sweep/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the sweep is switched off',
    check: 'sweep',
    cut: () => hosted.db.query(`select cron.alter_job(jobid, active := false) from cron.job`),
    fix: () => hosted.db.query(`select cron.alter_job(jobid, active := true) from cron.job`),
    detail: /switched off/,
    remedy: /select cron.alter_job\(\d+, active := true\)/,
  },
  {
    what: 'pg_cron stands still',
    check: 'sweep',
    cut: () =>
      admin.query(
        `insert into cron.job_run_details (jobid, status, start_time)
         select jobid, 'succeeded', now() - interval '10 minutes' from cron.job where jobname = 'supaqueue_sweep'`,
      ),
    fix: () => admin.query('delete from cron.job_run_details'),
    detail: /\d+ s ago: pg_cron stands still/,
    remedy: /Restart the project/,
  },
  {
    what: 'a chore of the sweep fails',
    check: 'chores',
    cut: () =>
      hosted.db.query(
        `update supaqueue.chore set failures = 3, code = '42501', error = 'permission denied'
         where name = (select min(name) from supaqueue.chore)`,
      ),
    fix: () => hosted.db.query(`update supaqueue.chore set failures = 0, code = null, error = null`),
    detail: /the chore .+ of the sweep failed 3 times in a row: permission denied \(42501\)/,
    remedy: /^select supaqueue_internal\.\w+\(most => 1\);$/,
  },
  {
    what: 'transactions are serializable by default',
    check: 'isolation',
    cut: () => admin.query(`alter database ${database()} set default_transaction_isolation = 'serializable'`),
    fix: () => admin.query(`alter database ${database()} reset default_transaction_isolation`),
    detail: /^serializable is the default of database \w+: no schedule is kept, and nothing is pruned$/,
    remedy: /^alter database \w+ reset default_transaction_isolation;/,
  },
  {
    what: 'those of the owner alone are serializable by default',
    check: 'isolation',
    cut: () =>
      admin.query(`alter role postgres in database ${database()} set default_transaction_isolation = 'serializable'`),
    fix: () => admin.query(`alter role postgres in database ${database()} reset default_transaction_isolation`),
    detail:
      /^serializable is the default of role postgres in database \w+: no schedule is kept, and nothing is pruned$/,
    remedy: /^alter role postgres in database \w+ reset default_transaction_isolation;/,
  },
  {
    what: 'the database is read-only by default',
    check: 'read-only',
    cut: () => admin.query(`alter database ${database()} set default_transaction_read_only = on`),
    fix: () => admin.query(`alter database ${database()} reset default_transaction_read_only`),
    detail: /^the sweep does nothing, and nothing is enqueued by SQL: read-only is the default of database \w+/,
    remedy: /begin read write; alter database \w+ set default_transaction_read_only = off; commit;$/,
  },
  {
    what: 'a queue without workers has jobs that wait',
    check: 'jobs',
    cut: async () => {
      await hosted.db.query(`insert into supaqueue.queue (name, edge_function_name) values ('nobody', 'hello')`)
      await hosted.db.query(
        `insert into supaqueue.job (queue) select id from supaqueue.queue`,
      )
    },
    fix: () => hosted.db.query('delete from supaqueue.queue'),
    detail: /^jobs of nobody wait, and it has no worker$/,
    remedy: /select supaqueue.set_concurrency\('nobody', 1\);/,
  },
  {
    what: 'a header names a secret that Vault does not have',
    check: 'queue secrets',
    cut: () =>
      hosted.db.query(
        `insert into supaqueue.queue (name, edge_function_name, default_headers) values ('mail', 'hello', '{"a": "vault:o''key"}')`,
      ),
    fix: () => hosted.db.query('delete from supaqueue.queue'),
    detail: /^mail: Vault has no secret o'key$/,
    remedy: /select vault.create_secret\('<the secret>', 'o''key'\);/,
  },
  {
    what: 'Vault does not have what signs the calls to a URL',
    check: 'queue secrets',
    cut: () =>
      hosted.db.query(
        `insert into supaqueue.queue (name, url, signing_secrets) values ('hooks', 'https://api.example.com', '{fresh}')`,
      ),
    fix: () => hosted.db.query('delete from supaqueue.queue'),
    detail: /^hooks: Vault has no secret fresh$/,
    remedy: /select vault.create_secret\('<the secret>', 'fresh'\);/,
  },
  {
    what: 'a target defers calls',
    check: 'targets',
    cut: () =>
      hosted.db.query(`
        insert into supaqueue.queue (name, edge_function_name) values ('busy', 'hello');
        insert into supaqueue.circuit (target, failures, openings, opened_at, open_until, reason)
        values ('function hello', 5, 3, now(), now() + interval '1 hour', 'HTTP 429')`),
    fix: () => hosted.db.query('delete from supaqueue.queue; delete from supaqueue.circuit'),
    detail: /^calls of the function hello are held back: 5 in a row were deferred \(HTTP 429\); next try in/,
    remedy: /select supaqueue.try_target\('busy'\);/,
  },
  {
    what: 'the dispatcher has another secret',
    check: 'wake',
    cut: () => hosted.setEnvironment({ SUPAQUEUE_SECRET: 'another one, just as long' }),
    fix: () => hosted.setEnvironment(Object.fromEntries(hosted.state.secrets)),
    detail: /refused the signature/,
    remedy: /supaqueue:rotate-secret/,
  },
  {
    what: 'the way to the dispatcher is cut',
    check: 'wake',
    cut: () => setting('http://127.0.0.1:9/functions/v1'),
    fix: () => setting(hosted.functionsUrl),
    detail: /pg_net could not bring a wake-up to the dispatcher/,
    remedy: /functions_url/,
  },
  {
    what: 'the function is gone from under its name',
    check: 'wake',
    cut: () => setting(`${hosted.functionsUrl}/no/such`),
    fix: () => setting(hosted.functionsUrl),
    detail: /the platform knows no function supaqueue/,
    remedy: /supaqueue:install/,
  },
  {
    what: 'the dispatcher cannot take a turn',
    check: 'round trip',
    cut: () => admin.query('revoke execute on function public.supaqueue_turn from service_role'),
    fix: () => admin.query('grant execute on function public.supaqueue_turn to service_role'),
    detail: /took the wake-up, but no turn/,
    remedy: /logs of the function/,
  },
]

describe('doctor names each link that is cut, and what fixes it', () => {
  let fix: () => unknown = () => {}
  afterEach(() => fix())

  for (const { what, check, cut, fix: undo, detail, remedy } of cuts) {
    test(what, async () => {
      const before = await inspect(check)
      await cut()
      fix = undo
      const found = await inspect(check)

      expect(before).toMatchObject({ ok: true })
      expect(found.ok).toBe(false)
      expect(found.detail).toMatch(detail)
      expect(found.fix).toMatch(remedy)
    })
  }

  describe('a wake-up of which nobody tells', () => {
    const told = async (line: { ahead: number; there: boolean }[], ttl = '6 hours') => {
      const ahead = [...line]
      const query = (sql: string) => {
        if (sql.includes('convert_from')) return Promise.resolve([{ id: '1' }])
        if (sql.includes('pg_net.ttl')) return Promise.resolve([{ ttl }])
        return Promise.resolve(sql.includes('as ahead') ? [ahead.shift()] : [])
      }
      const db = { query, change: () => Promise.resolve([]) }
      return await wakeUpCheck(100).inspect(
        { ...project, db } as unknown as Project,
        () => Promise.resolve({ findings: [], processes: [] }),
      )
    }

    test('waits behind others, for a time that can be told', async () => {
      const found = await told([{ ahead: 1500, there: true }, { ahead: 1300, there: true }])

      expect(found.ok).toBe(false)
      expect(found.detail).toMatch(/busy with requests of others: a wake-up waits behind 1300, .* another 1 s/)
      expect(found.fix).not.toContain('worker_restart')
    })

    test('waits, and nothing moves', async () => {
      expect(await told([{ ahead: 7, there: true }, { ahead: 7, there: true }])).toMatchObject({
        ok: false,
        fix: 'select net.worker_restart();',
      })
    })

    test('is gone with its answer, since pg_net keeps answers for a moment only', async () => {
      expect(await told([{ ahead: 0, there: true }, { ahead: 0, there: false }], '1s')).toMatchObject({
        ok: true,
        detail: expect.stringContaining('pg_net.ttl is 1s'),
      })
    })
  })

  test('the clocks differ', async () => {
    const late = { ...project, db: { ...project.db, query: () => Promise.resolve([{ ms: Date.now() - 600_000 }]) } }
    const found = await clockCheck.inspect(
      late as unknown as Project,
      () => Promise.resolve({ findings: [], processes: [] }),
    )

    expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(/differs from this machine's by -600 s/) })
  })

  test.each([
    ['function, which are signed otherwise', `(edge_function_name, signing_secrets) values ('hello', '{nowhere}')`],
    ['URL, which Vault has', `(url) values ('https://api.example.com')`],
    ['URL, when it signs nothing', `(url, signing_secrets) values ('https://api.example.com', '{}')`],
  ])('no secret is missed for calls to a %s', async (_, queue) => {
    await hosted.db.query(`insert into supaqueue.queue ${queue}`)
    fix = () => hosted.db.query('delete from supaqueue.queue')

    expect(await inspect('queue secrets')).toMatchObject({ ok: true })
    expect(await inspect('targets')).toMatchObject({ ok: true })
  })

  test('with nothing cut all is well, and the exit code and the JSON say so', async () => {
    fix = () => {}
    const { code, out } = await hosted.run(['doctor', '--json'])

    expect(JSON.parse(out).checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([])
    expect(JSON.parse(out)).toMatchObject({ project: hosted.state.ref, ok: true })
    expect(code).toBe(0)
  })

  test('the worker of pg_net is not running, and what depends on it is not tried', async () => {
    await hosted.stopNet()
    const { code, text } = await hosted.run(['doctor'])

    expect(text).toMatch(
      /WRONG pg_net +its worker is not running, 0 requests wait\n +fix: select net.worker_restart\(\);/,
    )
    expect(text).toMatch(/- +wake +not tried: fix pg_net first/)
    expect(text).toMatch(/- +round trip +not tried: fix wake first/)
    expect(code).toBe(1)
  })

  test('an install whose test job does not come back names the broken link', async () => {
    const { code, text } = await hosted.run(['install', '--yes', '--proof-seconds', '0.5'])

    expect(text).toContain('The test job did not come back')
    expect(text).toContain('SQ503: the chain is broken at "pg_net": its worker is not running')
    expect(text).toContain('To fix it: select net.worker_restart();')
    expect(code).toBe(1)
  })
})

function take(name: string): string {
  const value = hosted.state.secrets.get(name)!
  hosted.state.secrets.delete(name)
  return value
}

function change(what: object): void {
  Object.assign(hosted.state.functions.get('supaqueue')!, what)
}

const setting = (url: string) =>
  admin.query(`update supaqueue.setting set value = $1 where name = 'functions_url'`, [url])
