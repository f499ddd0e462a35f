import type { Process } from '../../../console/answers.ts'
import type { Database } from '../project/database.ts'
import { span } from '../terminal/times.ts'
import { type Check, fine, INSTALL, wrong } from './check.ts'

/** One thing that somebody should know, as supaqueue.health() lists it. */
export type HealthFinding = {
  code: string
  /** error: jobs do not move. warning: some do not, or late. info: as somebody wants it. */
  severity: 'error' | 'warning' | 'info'
  text: string
  /** The one statement or command that fixes it; of what is meant so, it undoes it. */
  remedy: string | null
  /** ISO text. */
  since: string | null
  queue: string | null
  /** Of a target that is left alone: which. */
  target?: string
}

/** What the database knows about dispatch: the findings, the worst first, and the processes. */
export type DispatchHealth = { findings: HealthFinding[]; processes: Process[] }

/** Nothing from a release that does not know. */
export async function readHealth(db: Database): Promise<DispatchHealth> {
  const [known] = await db.query<{ exists: boolean }>(
    `select to_regprocedure('supaqueue.health()') is not null as exists`,
  )
  if (!known?.exists) return { findings: [], processes: [] }
  const [row] = await db.query<{ health: Partial<DispatchHealth> }>('select supaqueue.health() as health')
  return { findings: row?.health.findings ?? [], processes: row?.health.processes ?? [] }
}

/** A process in a line: since when it lives, what it serves and what it leads. */
export function processLine(
  { name, begun_at, heard_until, alive, queues, functions, leads, leading }: Process,
): string {
  const seconds = (Date.now() - Date.parse(alive ? begun_at : heard_until)) / 1000
  const life = `${alive ? 'alive for' : 'silent for'} ${span(Math.max(0, Math.round(seconds)))}`
  const serves = `serves ${queues === null ? 'all queues' : queues.join(', ')}${functions ? '' : ' that call URLs'}`
  if (!alive) return `process ${name}: ${life}, served ${serves.slice('serves '.length)}`
  return `process ${name}: ${life}, ${serves}, leads ${leads === 0 ? 'none now' : named(leading, leads)}`
}

const NAMED = 5

const named = (names: string[], all: number): string =>
  `${names.slice(0, NAMED).join(', ')}${all > NAMED ? ` and ${all - NAMED} more` : ''}`

/** Processes that stay: where there is none, the edge function does all of it, and that is as good. */
export const processesCheck: Check = {
  name: 'processes',
  needs: ['schema'],
  async inspect(_, health) {
    const { findings, processes } = await health()
    const found = findings.filter(({ code }) => code === 'process_silent' || code === 'no_process')
    const [first] = found
    if (first) return wrong(found.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? 'npx supaqueue work')
    const alive = processes.filter((one) => one.alive)
    return fine(alive.length === 0 ? 'none: edge functions do the work' : alive.slice(0, 5).map(processLine).join('; '))
  },
}

/** What became of the last wake-ups: asked of the database, without sending another. */
export const wakeUpsCheck: Check = {
  name: 'dispatch',
  edge: true,
  needs: ['schema'],
  async inspect({ db }, health) {
    const of = new Set([
      'copy',
      'rolled_back',
      'secrets_differ',
      'signature_lost',
      'wake_ups_late',
      'dispatcher_not_set_up',
      'dispatcher_refuses',
      'verify_jwt',
      'dispatcher_missing',
      'platform_limit',
      'dispatcher_does_not_start',
      'dispatcher_unreachable',
      'dispatcher_slow',
      'dispatcher_fails',
      'no_turn',
    ])
    const found = (await health()).findings.filter(({ code }) => of.has(code))
    const [first] = found
    if (first) return wrong(found.map(({ text }) => text).join('; '), first.remedy ?? 'npx supaqueue doctor')
    const [last] = await db.query<{ seconds: number | null }>(
      `select extract(epoch from clock_timestamp() - accepted_at)::integer as seconds from supaqueue_internal.dispatch_state()`,
    )
    return fine(
      last?.seconds == null
        ? 'none was needed yet'
        : `the last one that was answered was accepted ${last.seconds} s ago`,
    )
  },
}

/** What somebody stopped on purpose is no fault: said, with how to undo it. */
export const pausedCheck: Check = {
  name: 'paused',
  needs: ['schema'],
  async inspect(_, health) {
    const paused = (await health()).findings.filter(({ code }) => code === 'paused')
    if (paused.length === 0) return fine('no queue is')
    return fine(`as intended: ${paused.map(({ text, remedy }) => `${text} (to go on: ${remedy})`).join('; ')}`)
  },
}

/** A check that is wrong as soon as health names one of these codes. `otherwise` is what helps where a finding does not say. */
const unlessFound = (name: string, codes: string[], well: string, otherwise: string): Check => ({
  name,
  needs: ['schema'],
  async inspect(_, health) {
    const found = (await health()).findings.filter(({ code }) => codes.includes(code))
    const [first] = found
    if (!first) return fine(well)
    return wrong(found.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? otherwise)
  },
})

/** What was done to the tables of supaqueue, or is kept in them, that slows its work down or stops it. */
export const tablesCheck = unlessFound(
  'tables',
  ['rule', 'column_required', 'constraint', 'trigger_disabled', 'chores_missing', 'old_snapshot'],
  'nothing of yours stands in the way of what is written there',
  INSTALL,
)

/** Queues whose jobs wait though nothing should keep them. */
export const jobsCheck = unlessFound(
  'jobs',
  ['no_workers', 'stands_still', 'line_blocked'],
  'none waits longer than half a minute without a reason',
  'select supaqueue.sweep();',
)

/** Queues whose calls mostly fail, or that fall behind. */
export const ratesCheck = unlessFound(
  'rates',
  ['calls_fail', 'falls_behind'],
  'most calls succeed, and no backlog grows',
  'npx supaqueue failures',
)

/** Targets that deferred calls again and again, and are left alone for a while. */
export const circuitCheck = unlessFound(
  'targets',
  ['circuit_open'],
  'none is left alone',
  'It is tried again by itself.',
)

/** Changes of tables that do not become jobs as their hooks were told. What somebody switched off is no fault. */
export const hooksCheck: Check = {
  name: 'hooks',
  needs: ['schema'],
  async inspect({ db }, health) {
    const found = (await health()).findings.filter(({ code }) => code.startsWith('hook_') || code === 'backfill_stuck')
    const faults = found.filter(({ severity }) => severity !== 'info')
    const [first] = faults
    if (first) return wrong(faults.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? INSTALL)
    const [known] = await db.query<{ count: number }>('select count(*)::integer as count from supaqueue.hook')
    if (!known?.count) return fine('there is none')
    const captures = `${known.count} ${known.count === 1 ? 'hook stands' : 'hooks stand'} where they should`
    const off = found.map(({ text, remedy }) => `${text} (to go on: ${remedy})`)
    return fine([captures, ...off].join('; '))
  },
}
