import { API, DISPATCHER } from '../project/edge.ts'
import { answersAsDispatcher } from '../project/reach.ts'
import type { Project } from '../project/project.ts'
import { clearVault, readVault, VAULT_SECRET, WEBHOOK_SECRET, writeVault } from '../project/vault.ts'
import { makeSecret } from './secret.ts'
import type { Step } from './step.ts'

const SHOW = `select decrypted_secret from vault.decrypted_secrets where name = '${VAULT_SECRET}'`

/** The half of the secret that is the database's: the one that was given, the one that is there, or a new one. */
export const vaultSecretStep: Step = {
  name: 'the secret, in Vault as supaqueue_secret',

  async isInPlace({ db, secret }) {
    const known = await readVault(db)
    return known !== undefined && (secret === undefined || secret === known)
  },
  putInPlace: ({ db, secret }) => writeVault(db, secret ?? makeSecret()),
  takeAway: ({ db }, { keepData }) => clearVault(db, keepData ? [VAULT_SECRET] : [VAULT_SECRET, WEBHOOK_SECRET]),
}

/** What runs beside the database: looked for where that can be done, and otherwise left to who runs the project. */
export const besideSteps: Step[] = [
  leftOut(
    'the secret, in the functions as SUPAQUEUE_SECRET',
    `Give them what Vault has: ${SHOW}. A secret that they have already: SUPAQUEUE_SECRET before this command`,
  ),
  leftOut(
    'the edge function supaqueue, its check of JWTs off',
    `put it among your functions (supaqueue init writes it) with verify_jwt = false`,
    ({ reachUrl }) => answersAsDispatcher(reachUrl),
  ),
  leftOut(
    'the schema supaqueue among those of the Data API',
    'add it to PGRST_DB_SCHEMAS if you want it there; public must be among them',
  ),
]

export const besideApiStep: Step = leftOut(
  `the edge function ${API}, its check of JWTs off`,
  'put it among your functions (supaqueue init --with api writes it) with verify_jwt = false',
)

/** Whether a test job could come back: there is a dispatcher to take it. */
export const mayProve = async (project: Project): Promise<boolean> =>
  project.unmanaged === undefined || !project.standAlone && await answersAsDispatcher(project.reachUrl)

/** Where nobody answers as the dispatcher, in words. */
export const WITHOUT_PROOF = `No test job was sent: nothing answers as ${DISPATCHER}`

function leftOut(
  name: string,
  instead: string,
  isInPlace: (project: Project) => Promise<boolean> = () => Promise.resolve(false),
): Step {
  return {
    name,
    isInPlace,
    putInPlace: ({ unmanaged }) => Promise.resolve(`${unmanaged}: ${instead}`),
    takeAway({ note }) {
      note(`Left to you, wherever you have put it: ${name}.`)
      return Promise.resolve(false)
    },
  }
}
