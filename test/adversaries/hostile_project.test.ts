import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../scripts/cli/project/config_toml.ts'
import { type Database, openDatabase } from '../../scripts/cli/project/database.ts'
import { applyProject } from '../../scripts/dev/project/apply.ts'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'
import { installStandIns } from '../../scripts/dev/standins/standins.ts'
import { edgeHost } from '../scripts/dev/support/edge.ts'
import { until } from '../support/until.ts'

// A project that somebody sends, run by `supaqueue dev`. Its migrations, jobs and functions are run, and reach nothing of the
// machine beyond: no program, no file outside, no superuser.

const base = mkdtempSync(join(tmpdir(), 'hostile-project-'))
const ran = join(base, 'ran')
const folder = join(base, 'project')

/** Runs a program if it can, and leaves no trace if not. */
const program = (name: string) => `copy (select 1) to program 'touch ${join(ran, name)}'`
const routine = (name: string, type: string) =>
  `create function public.${name}() returns ${type} language plpgsql as $f$ begin
    begin ${program(name)}; exception when others then null; end;
    ${type === 'trigger' ? 'return coalesce(new, old);' : ''}
  end $f$;`

const migrations: Record<string, string> = {
  plain: `${program('plain')};`,
  becomes_the_superuser: `reset role; reset session authorization; ${program('becomes_the_superuser')};`,
  sets_the_superuser: `set session authorization supabase_admin; ${program('sets_the_superuser')};`,
  grants_itself: `grant pg_execute_server_program to postgres; ${program('grants_itself')};`,
  makes_a_superuser: `create role mine superuser; set role mine; ${program('makes_a_superuser')};`,
  // Whatever a file has that takes a superuser, the rest of it is run by none.
  beside_an_event_trigger: `${routine('nothing', 'event_trigger')}
    create event trigger harmless on ddl_command_end execute function public.nothing();
    reset role; reset session authorization; ${program('beside_an_event_trigger')};`,
  by_an_event_trigger: `${routine('at_changes', 'event_trigger')}
    create event trigger "at changes" on ddl_command_start execute function public.at_changes();
    alter event trigger "at changes" enable always;
    create event trigger at_drops on sql_drop when tag in ('DROP TABLE', 'DROP FUNCTION') execute procedure at_changes();`,
  smuggled: `create event trigger x on ddl_command_end execute function public.nothing() $event_trigger$ ); ${
    program('smuggled')
  }; --`,
  called: `call supabase_migrations.change_event_trigger('drop', 'x; ${program('called').replaceAll(`'`, `''`)}');`,
  called_as_create:
    `call supabase_migrations.change_event_trigger('create', 'y', 'ddl_command_end execute function nothing(); ${
      program('called_as_create').replaceAll(`'`, `''`)
    }', null, 'public.nothing'::regproc);`,
  at_requests: `${routine('at_requests', 'trigger')}
    create trigger mine before insert or delete on net.http_request_queue for each row execute function public.at_requests();
    create trigger mine before insert or delete on net._http_response for each row execute function public.at_requests();`,
  at_runs: `${routine('at_runs', 'trigger')}
    create trigger mine before insert or update on cron.job_run_details for each row execute function public.at_runs();`,
  as_a_job: `select cron.schedule('mine', '1 seconds', $j$reset role; reset session authorization; ${
    program('as_a_job')
  }$j$);`,
  as_a_job_of_the_superuser: `select cron._schedule('super', '1 seconds', $j$${
    program('as_a_job_of_the_superuser')
  }$j$, current_database(), 'supabase_admin', true);`,
  as_a_job_altered: `select cron._alter_job(cron.schedule('altered', '1 seconds', $j$${
    program('as_a_job_altered')
  }$j$), null, null, null, 'supabase_admin', true, 'postgres');`,
  as_a_job_of_another: `select cron.schedule_in_database('others', '1 seconds', $j$${
    program('as_a_job_of_another')
  }$j$, current_database(), 'supabase_admin');`,
}

let stack: Stack
let db: Database
const apply = ({ adminUrl, ownerUrl }: { adminUrl: string; ownerUrl: string }) =>
  applyProject({
    folder,
    config: readConfig(''),
    adminUrl,
    ownerUrl,
    skipFailing: true,
    say: (line) => said.push(line),
  })
const said: string[] = []

beforeAll(async () => {
  mkdirSync(ran)
  // The server may run as another user than we.
  chmodSync(base, 0o755)
  chmodSync(ran, 0o777)
  for (const [i, [name, text]] of Object.entries(migrations).entries()) {
    const file = join(folder, `supabase/migrations/${20260101000000 + i}_${name}.sql`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  stack = await startStack({ rest: 'thin', pacing: false, prepare: apply })
  db = openDatabase(stack.databaseUrl)
})
afterAll(async () => {
  await db?.end()
  await stack?.stop()
  rmSync(base, { recursive: true, force: true })
})

describe('a project runs no program', () => {
  test('by its migrations', () => {
    expect(said.filter((line) => line.startsWith('SKIPPED')).length).toBeGreaterThan(5)
    expect(readdirSync(ran)).toEqual([])
  })

  test('by event triggers, when dev is started once more', async () => {
    expect(await db.query('select evtname from pg_event_trigger order by 1')).toEqual(
      ['at changes', 'at_drops'].map((evtname) => ({ evtname })),
    )
    await apply({ ...stack, ownerUrl: stack.databaseUrl })
    await installStandIns(stack.adminUrl)

    expect(readdirSync(ran)).toEqual([])
  })

  test('by triggers on what pg_net sends, and is answered', async () => {
    const [{ id }] = await db.query<{ id: string }>(`select net.http_post('${stack.apiUrl}/nothing') as id`) as [
      { id: string },
    ]
    await until(async () => (await db.query(`select from net._http_response where id = ${id}`)).length > 0)

    expect(readdirSync(ran)).toEqual([])
  })

  test('by jobs of pg_cron, and triggers on their history', async () => {
    const waiting = () =>
      db.query(`
        select from cron.job where command like '%as_a_job%' and not exists (
          select from cron.job_run_details as run where run.jobid = job.jobid and run.status in ('failed', 'succeeded')
        )`)
    expect((await db.query(`select from cron.job where command like '%as_a_job%'`)).length).toBeGreaterThan(0)
    await until(async () => (await waiting()).length === 0)

    expect(readdirSync(ran)).toEqual([])
  })
})

describe('what the .env of its functions sets', () => {
  test('is heard by the function, and by nothing that starts it', async () => {
    const coverage = join(base, 'coverage')
    const environment = {
      LD_PRELOAD: '/there-is-no-such-thing.so',
      DYLD_INSERT_LIBRARIES: '/there-is-no-such-thing.dylib',
      DENO_COVERAGE_DIR: coverage,
      DENO_DIR: base,
      DENO_SERVE_ADDRESS: 'tcp:0.0.0.0:9',
      EDGE_HOST_WALL_CLOCK_MS: '1',
      EDGE_HOST_SET_MINE: 'mine',
      MINE: '',
      'with spaces': 'and = signs',
    }
    await using edge = await edgeHost({ one: 'Deno.serve(() => Response.json(Deno.env.toObject()))' }, { environment })

    const seen = JSON.parse(await edge.text('one'))
    await edge.host.stop()

    expect(seen).toMatchObject({
      LD_PRELOAD: environment.LD_PRELOAD,
      DENO_COVERAGE_DIR: coverage,
      EDGE_HOST_SET_MINE: 'mine',
      MINE: '',
      'with spaces': 'and = signs',
    })
    expect(seen.DENO_DIR).not.toBe(base)
    expect(edge.lines).toEqual([])
    expect(existsSync(coverage)).toBe(false)
  })
})
