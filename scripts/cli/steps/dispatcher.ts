import type { Database } from '../project/database.ts'
import { type Deployed, DISPATCHER, type EdgeFunctions } from '../project/edge.ts'
import { edgeChecksum, type EdgeFunction } from '../project/edge_files.ts'
import { readSetting, writeSetting } from '../project/setting.ts'
import type { Step } from './step.ts'

export const dispatcherStep: Step = {
  name: 'the edge function supaqueue, its check of JWTs off',
  isInPlace: (project) => isDeployed(project, DISPATCHER, 'dispatcher'),

  async putInPlace({ db, edge }) {
    await edge.deploy(DISPATCHER)
    const deployed = await edge.find(DISPATCHER)
    if (deployed) await writeSetting(db, 'dispatcher', seal(DISPATCHER, deployed))
  },

  async takeAway({ edge }) {
    if (!await edge.find(DISPATCHER)) return false
    await edge.remove(DISPATCHER)
    return true
  },
}

/** Whether a function is there as this checkout has it, deployed by an installer that wrote its seal into `setting`. */
export async function isDeployed(
  { db, edge }: { db: Database; edge: EdgeFunctions },
  fn: EdgeFunction,
  setting: string,
): Promise<boolean> {
  const deployed = await edge.find(fn)
  return deployed !== undefined && !deployed.verifyJwt && await readSetting(db, setting) === seal(fn, deployed)
}

/** What was deployed, and as which deployment: another one since then is not ours, whatever it holds. */
export const seal = (fn: EdgeFunction, { version }: Deployed): string => `${edgeChecksum(fn)} ${version}`
