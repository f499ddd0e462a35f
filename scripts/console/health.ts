import type { Health } from '../../console/answers.ts'
import { allChecks, examine } from '../cli/checks/all.ts'
import { roundTripCheck, wakeUpCheck } from '../cli/checks/chain.ts'
import type { Check } from '../cli/checks/check.ts'
import { vaultCheck } from '../cli/checks/edge.ts'
import * as health from '../cli/checks/health.ts'
import * as installed from '../cli/checks/installed.ts'
import * as motion from '../cli/checks/motion.ts'
import * as targets from '../cli/checks/targets.ts'
import { openDatabase } from '../cli/project/database.ts'
import { isStandAlone } from '../cli/steps/stand_alone.ts'
import type { Project } from '../cli/project/project.ts'

// Checks that ask nothing but the database.
const OF_DATABASE: Check[] = [
  installed.extensionsCheck,
  installed.schemaCheck,
  installed.grantsCheck,
  vaultCheck,
  motion.netCheck,
  motion.sweepCheck,
  motion.clockCheck,
  motion.choresCheck,
  motion.isolationCheck,
  motion.readOnlyCheck,
  health.wakeUpsCheck,
  health.processesCheck,
  health.tablesCheck,
  health.jobsCheck,
  health.ratesCheck,
  health.pausedCheck,
  health.hooksCheck,
  targets.queueSecretsCheck,
  health.circuitCheck,
]

// Those that send something: a page that is read again and again only looks.
const SENDING = [wakeUpCheck.name, roundTripCheck(0).name]

/** What doctor says of a project, but for the round trip of a test job. */
export const healthOf = async (project: Project): Promise<Health> => ({
  checks: await examine(allChecks(0).filter(({ name }) => !SENDING.includes(name)), project, () => {}),
})

/** What doctor says of a database, where nothing else of the project is known; as the role of `url`. */
export function healthOfDatabase(url: string): { read(): Promise<Health>; end(): Promise<void> } {
  let db = openDatabase(url)
  return {
    async read() {
      // These checks ask for nothing else.
      const standAlone = await isStandAlone(db).catch(() => false)
      const project = { db, ...(standAlone && { standAlone: true }) } as Project
      const checks = await examine(OF_DATABASE, project, () => {})
      // A connection that was lost stays lost; the next look makes another.
      if (checks.every(({ ok }) => !ok)) {
        await db.end()
        db = openDatabase(url)
      }
      return { checks }
    },
    end: () => db.end(),
  }
}
