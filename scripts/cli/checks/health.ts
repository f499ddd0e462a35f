import type { Database } from '../project/database.ts'
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

/** What the database knows about dispatch: the findings, the worst first. None from a release that does not know. */
export async function readFindings(db: Database): Promise<HealthFinding[]> {
  const [known] = await db.query<{ exists: boolean }>(
    `select to_regprocedure('supaqueue.health()') is not null as exists`,
  )
  if (!known?.exists) return []
  const [row] = await db.query<{ findings: HealthFinding[] }>(`select supaqueue.health() -> 'findings' as findings`)
  return row?.findings ?? []
}

/** What became of the last wake-ups: asked of the database, without sending another. */
export const wakeUpsCheck: Check = {
  name: 'dispatch',
  needs: ['schema'],
  async inspect({ db }, findings) {
    const of = new Set([
      'copy',
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
      'dispatcher_fails',
      'no_turn',
    ])
    const found = (await findings()).filter(({ code }) => of.has(code))
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
  async inspect(_, findings) {
    const paused = (await findings()).filter(({ code }) => code === 'paused')
    if (paused.length === 0) return fine('no queue is')
    return fine(`as intended: ${paused.map(({ text, remedy }) => `${text} (to go on: ${remedy})`).join('; ')}`)
  },
}

/** Queues whose jobs wait though nothing should keep them. */
export const jobsCheck: Check = {
  name: 'jobs',
  needs: ['schema'],
  async inspect(_, findings) {
    const stuck = (await findings()).filter(({ code }) => ['no_workers', 'stands_still'].includes(code))
    const [first] = stuck
    if (!first) return fine('none waits longer than half a minute without a reason')
    return wrong(stuck.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? 'select supaqueue.sweep();')
  },
}

/** Queues whose calls mostly fail, or that fall behind. */
export const ratesCheck: Check = {
  name: 'rates',
  needs: ['schema'],
  async inspect(_, findings) {
    const found = (await findings()).filter(({ code }) => ['calls_fail', 'falls_behind'].includes(code))
    const [first] = found
    if (!first) return fine('most calls succeed, and no backlog grows')
    return wrong(found.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? 'npx supaqueue failures')
  },
}

/** Targets that deferred calls again and again, and are left alone for a while. */
export const circuitCheck: Check = {
  name: 'targets',
  needs: ['schema'],
  async inspect(_, findings) {
    const open = (await findings()).filter(({ code }) => code === 'circuit_open')
    const [first] = open
    if (!first) return fine('none is left alone')
    return wrong(open.slice(0, 5).map(({ text }) => text).join('; '), first.remedy ?? 'It is tried again by itself.')
  },
}

/** Changes of tables that do not become jobs as their hooks were told. What somebody switched off is no fault. */
export const hooksCheck: Check = {
  name: 'hooks',
  needs: ['schema'],
  async inspect({ db }, findings) {
    const found = (await findings()).filter(({ code }) => code.startsWith('hook_'))
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
