import { roundTripCheck, wakeUpCheck } from './chain.ts'
import type { Check, Finding } from './check.ts'
import * as edge from './edge.ts'
import * as health from './health.ts'
import { type DispatchHealth, readHealth } from './health.ts'
import * as installed from './installed.ts'
import * as motion from './motion.ts'
import { publicationsCheck } from './publications.ts'
import * as targets from './targets.ts'
import { triggersCheck } from './triggers.ts'
import type { Project } from '../project/project.ts'

/** Every link of the chain, in the order of a job's way. */
export const allChecks = (deadlineMs: number): Check[] => [
  installed.extensionsCheck,
  installed.schemaCheck,
  installed.grantsCheck,
  installed.unchangedCheck,
  triggersCheck,
  publicationsCheck,
  edge.vaultCheck,
  edge.functionCheck,
  edge.secretsCheck,
  edge.urlCheck,
  edge.reachCheck,
  edge.exposureCheck,
  edge.apiCheck,
  motion.netCheck,
  motion.netRightsCheck,
  motion.sweepCheck,
  motion.choresCheck,
  motion.isolationCheck,
  motion.readOnlyCheck,
  motion.clockCheck,
  health.wakeUpsCheck,
  health.processesCheck,
  health.tablesCheck,
  health.jobsCheck,
  health.ratesCheck,
  health.pausedCheck,
  health.hooksCheck,
  targets.queueSecretsCheck,
  health.circuitCheck,
  wakeUpCheck(),
  roundTripCheck(deadlineMs),
]

export type Result = Finding & {
  name: string
  /** Not tried, since what it needs is broken. */
  skipped?: boolean
}

/** Makes every check whose needs are met. One that breaks off is a finding, too. */
export async function examine(checks: Check[], project: Project, told: (result: Result) => void): Promise<Result[]> {
  const results: Result[] = []
  let read: Promise<DispatchHealth> | undefined
  const readOnce = () => read ??= readHealth(project.db)
  for (const check of checks) {
    const result = await one(check)
    results.push(result)
    told(result)
  }
  return results

  async function one({ name, needs = [], platform, edge, inspect }: Check): Promise<Result> {
    if (edge && project.standAlone) {
      return { name, ok: true, leftOut: true, detail: 'left out, because processes do the work here' }
    }
    if (platform && project.unmanaged) {
      return { name, ok: true, leftOut: true, detail: `left out, because ${project.unmanaged}` }
    }
    const unmet = needs.find((need) => results.some((result) => result.name === need && !result.ok))
    if (unmet) return { name, ok: false, skipped: true, detail: `not tried: fix ${unmet} first` }
    try {
      return { name, ...await inspect(project, readOnce) }
    } catch (reason) {
      const { message, hint } = reason as Error & { hint?: string }
      return { name, ok: false, detail: message, fix: hint ?? 'pnpm supaqueue:install' }
    }
  }
}
