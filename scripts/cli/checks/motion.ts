import type { Database } from '../project/database.ts'
import { hasCron, rhythmOf, sweepJob } from '../steps/schedule.ts'
import { BUSY, type Check, type Finding, fine, INSTALL, wrong } from './check.ts'

export const sweepCheck: Check = {
  name: 'sweep',
  needs: ['schema'],
  async inspect({ db }) {
    if (!await hasCron(db)) return await sweptOtherwise(db)
    const sweep = await sweepJob(db)
    if (!sweep) return wrong('pg_cron has no job supaqueue_sweep: planned jobs start late', INSTALL)
    if (!sweep.active) {
      return wrong(
        'the cron job supaqueue_sweep is switched off',
        `select cron.alter_job(${sweep.id}, active := true);`,
      )
    }
    const [last] = await db.query<{ status: string; message: string | null; seconds: number }>(
      `select status, return_message as message, extract(epoch from clock_timestamp() - start_time)::integer as seconds
       from cron.job_run_details where jobid = $1 and start_time is not null order by start_time desc limit 1`,
      [sweep.id],
    )
    // Just scheduled: it has had no time to run.
    if (!last) return fine(`scheduled, has not run yet; ${rhythmOf(sweep)}`)
    if (last.status === 'failed') return wrong(`the last sweep failed: ${last.message}`, 'select supaqueue.sweep();')
    if (last.seconds > 120) {
      return wrong(
        `the last sweep was ${last.seconds} s ago: pg_cron stands still`,
        'Restart the project (Project Settings, General)',
      )
    }
    return fine(`ran ${last.seconds} s ago; ${rhythmOf(sweep)}`)
  },
}

/** Without pg_cron something else may call it. To install again would enable what could not be enabled before. */
async function sweptOtherwise(db: Database): Promise<Finding> {
  const [state] = await db.query<{ seconds: number | null; available: boolean }>(
    `select (select extract(epoch from clock_timestamp() - swept_at)::integer from supaqueue.last_sweep) as seconds,
      exists (select from pg_available_extensions where name = 'pg_cron') as available`,
  )
  const seconds = state?.seconds ?? undefined
  if (seconds !== undefined && seconds <= 120) {
    return fine(`ran ${seconds} s ago, called by something else than pg_cron`)
  }
  return wrong(
    `pg_cron is not there, and nothing else calls the sweep${
      seconds === undefined ? '' : ` (${seconds} s ago for the last time)`
    }: planned jobs start late, lost wake-ups and leases wait`,
    state?.available
      ? `Enable pg_cron under Database, Extensions (create extension pg_cron with schema pg_catalog;), then ${INSTALL}`
      : 'This server does not have pg_cron: have another scheduler run select supaqueue.sweep(); every ten seconds',
  )
}

export const choresCheck: Check = {
  name: 'chores',
  needs: ['schema'],
  async inspect({ db }) {
    const failing = await db.query<{ name: string; failures: number; code: string; error: string; routine: string }>(
      `select name, failures, code, error, routine from supaqueue.chore where failures > 0 order by failures desc, place`,
    )
    const [first] = failing
    if (first) {
      return wrong(
        failing.map(({ name, failures, code, error }) =>
          `the chore ${name} of the sweep failed ${
            failures === 1 ? 'once' : `${failures} times in a row`
          }: ${error} (${code})`
        ).join('; '),
        `select supaqueue_internal.${first.routine}(most => 1);`,
      )
    }
    const [registered] = await db.query<{ count: number }>('select count(*)::integer as count from supaqueue.chore')
    if (!registered?.count) return wrong('no chore is registered: the sweep does nothing', INSTALL)

    const aside = await db.query<{ kind: string; count: number; subject: string; reason: string }>(
      `select kind, count(*)::integer as count, min(subject) as subject, min(reason) as reason
       from supaqueue.trouble group by kind order by count(*) desc, kind`,
    )
    if (aside.length === 0) return fine(`${registered.count} chores, nothing set aside`)
    return wrong(
      aside.map(({ kind, count, subject, reason }) => `${kind}: ${count} set aside, such as ${subject}: ${reason}`)
        .join('; '),
      'select * from supaqueue.trouble; fix the reason, or delete the row once it is settled',
    )
  },
}

export const netCheck: Check = {
  name: 'pg_net',
  edge: true,
  needs: ['extensions'],
  async inspect({ db }) {
    const [state] = await db.query<{ worker: boolean; waiting: number; theirs: number; seconds: number }>(
      `select exists (select from pg_stat_activity where datname = current_database() and (backend_type ilike 'pg_net%' or application_name ilike 'pg_net%')) as worker,
        (select count(*)::integer from net.http_request_queue) as waiting,
        (select count(*)::integer from net.http_request_queue where url !~ '/supaqueue$') as theirs,
        -- A batch lasts as long as its slowest request.
        (select (ceil(count(*) / 200.0) * coalesce(max(timeout_milliseconds), 0) / 1000)::integer from net.http_request_queue) as seconds`,
    )
    const waiting = state?.waiting ?? 0
    if (!state?.worker) {
      return wrong(`its worker is not running, ${waiting} requests wait`, 'select net.worker_restart();')
    }
    if (waiting > 1000) {
      return wrong(
        `busy: ${waiting} requests wait, ${state.theirs} of them not of supaqueue. A wake-up waits behind them, up to ${state.seconds} s`,
        BUSY,
      )
    }
    return fine(`worker running, ${waiting} requests waiting`)
  },
}

/** Up to pg_net 0.20.5 every role may put triggers on its tables, and lock them. */
export const netRightsCheck: Check = {
  name: 'pg_net rights',
  edge: true,
  needs: ['extensions', 'schema'],
  async inspect({ db }) {
    const [state] = await db.query<
      { fault: string | null; remedy: string | null; open: boolean; version: string | null }
    >(
      `select supaqueue_internal.net_fault() as fault,
        (select format('drop function %s cascade; -- as the role %I', tgfoid::regprocedure, pg_get_userbyid(proowner))
         from pg_trigger join pg_proc on pg_proc.oid = tgfoid
         where tgrelid = to_regclass('net.http_request_queue') order by tgname limit 1) as remedy,
        exists (
          select from pg_class cross join lateral aclexplode(relacl) as granted
          where pg_class.oid = to_regclass('net.http_request_queue') and grantee = 0 and privilege_type = 'TRIGGER'
        ) as open,
        (select extversion from pg_extension where extname = 'pg_net') as version`,
    )
    if (state?.fault) {
      return wrong(`no wake-up is sent: ${state.fault}`, state.remedy ?? 'Enable the extension pg_net again')
    }
    if (!state?.open) return fine('no stranger may put triggers on its tables')
    return fine(
      `every role may put triggers on its tables, and stop wake-ups by one (pg_net ${
        state.version ?? 'of unknown version'
      }; ` +
        '0.20.6 ends that). None is there, and none would run',
    )
  },
}

/** What others set for sweeps, and for turns: the Data API heeds that of a role alone, where it is set for all databases. */
export const isolationCheck: Check = {
  name: 'isolation',
  async inspect({ db }) {
    const settings = await db.query<{ level: string; whose: string; onlySweeps: boolean }>(
      `select split_part(setting, '=', 2) as level,
        coalesce(r.rolname <> 'service_role', true) as "onlySweeps",
        case
          when s.setrole = 0 then format('database %I', d.datname)
          when s.setdatabase = 0 then format('role %I', r.rolname)
          else format('role %I in database %I', r.rolname, d.datname)
        end as whose
       from pg_db_role_setting as s
       cross join unnest(s.setconfig) as setting
       left join pg_database as d on d.oid = s.setdatabase
       left join pg_roles as r on r.oid = s.setrole
       where setting ~ '^default_transaction_isolation=' and split_part(setting, '=', 2) <> 'read committed'
         and (s.setdatabase = 0 or d.datname = current_database())
         and (s.setrole = 0 or r.rolname = current_user or s.setdatabase = 0 and r.rolname = 'service_role')
       order by 2`,
    )
    if (settings.length === 0) return fine('read committed, as turns and the sweep need it')
    const lost = settings.every(({ onlySweeps }) => onlySweeps)
      ? 'no schedule is kept, and nothing is pruned'
      : 'no turn is taken'
    return wrong(
      `${settings.map(({ level, whose }) => `${level} is the default of ${whose}`).join('; ')}: ${lost}`,
      `${
        settings.map(({ whose }) => `alter ${whose} reset default_transaction_isolation;`).join(' ')
      } Then notify pgrst, 'reload config'; connections that are open keep it`,
    )
  },
}

/** What the platform sets when the disk is full, or somebody has forgotten: nothing is written but by who asks for it. */
export const readOnlyCheck: Check = {
  name: 'read-only',
  needs: ['schema'],
  async inspect({ db }) {
    const [found] = await db.query<{ text: string; remedy: string }>(
      `select fault ->> 'text' as text, fault ->> 'remedy' as remedy
       from jsonb_array_elements(supaqueue_internal.dispatch_faults()) as fault where fault ->> 'code' = 'read_only'`,
    )
    return found
      ? wrong(found.text, `Free disk space, if it is full. Then: ${found.remedy}`)
      : fine('it can be written')
  },
}

export const clockCheck: Check = {
  name: 'clocks',
  async inspect({ db }) {
    const before = Date.now()
    const [clock] = await db.query<{ ms: number }>(
      `select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
    )
    const skew = Math.round((clock?.ms ?? 0) - (before + Date.now()) / 2)
    // The dispatcher bears five minutes; this machine's clock is the only other one that we can ask.
    return Math.abs(skew) > 60_000
      ? wrong(
        `the database's clock differs from this machine's by ${Math.round(skew / 1000)} s`,
        'Set the clock of this machine; if it is right, tell Supabase',
      )
      : fine(`${Math.abs(skew)} ms apart`)
  },
}
