import { dispatcherChecksum } from '../project/dispatcher_files.ts'
import { type Deployed, DISPATCHER } from '../project/edge.ts'
import { readSetting, writeSetting } from '../project/setting.ts'
import type { Step } from './step.ts'

export const dispatcherStep: Step = {
  name: 'the edge function supaqueue, its check of JWTs off',

  async isInPlace({ db, edge }) {
    const deployed = await edge.find(DISPATCHER)
    return deployed !== undefined && !deployed.verifyJwt && await readSetting(db, 'dispatcher') === seal(deployed)
  },

  async putInPlace({ db, edge }) {
    await edge.deploy()
    const deployed = await edge.find(DISPATCHER)
    if (deployed) await writeSetting(db, 'dispatcher', seal(deployed))
  },

  async takeAway({ edge }) {
    if (!await edge.find(DISPATCHER)) return false
    await edge.remove(DISPATCHER)
    return true
  },
}

// What was deployed, and as which deployment: another one since then is not ours, whatever it holds.
const seal = ({ version }: Deployed): string => `${dispatcherChecksum()} ${version}`
