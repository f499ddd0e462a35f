import { readAddress } from '../connection/address.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'
import { openDatabase } from './database.ts'
import { completeUrl, sayInsecurity } from './database_url.ts'
import { refuseStranger } from './occupant.ts'
import { givenUrl, type Target, wishesOf } from './open.ts'
import type { Project } from './project.ts'
import { isStandAlone } from '../steps/stand_alone.ts'
import { readSetting } from './setting.ts'

const WHY = 'a database URL alone leads to no Management API'
const WHY_LOCAL = 'a project on this machine has no Management API'

/**
 * A project of which only the database is known, such as a self-hosted one: it has no Management API. What belongs to the
 * database is done as everywhere, what can be asked over HTTP is asked, and the rest is left to who runs it.
 */
export async function unmanagedProject(target: Target, deps: Deps, given: string): Promise<Project> {
  const url = completeUrl(given, deps.env.SUPABASE_DB_PASSWORD, target.insecureTls)
  sayInsecurity(url, deps.note)
  const { host, port, database } = readAddress(url)
  const db = openDatabase(url)
  const unmanaged = target.local ? WHY_LOCAL : WHY
  const refuse = () =>
    Promise.reject(
      needsPlatform('this', unmanaged, 'Name the hosted project (--project-ref), or do it where the project runs.'),
    )
  try {
    const standAlone = target.standAlone || await isStandAlone(db)
    const functionsUrl = givenUrl(target, deps.env) ?? await readSetting(db, 'functions_url')
    if (functionsUrl === undefined && !target.onlyLooks && !standAlone) {
      // What else is asked for is in vain where somebody else lives.
      if (!target.fromPublished) await refuseStranger(db.query)
      throw withoutFunctionsUrl()
    }
    return {
      name: `${host}:${port}/${database}`,
      db,
      functionsUrl: functionsUrl ?? '',
      reachUrl: functionsUrl ?? '',
      unmanaged,
      ...(standAlone && { standAlone: true as const }),
      secret: givenSecret(deps),
      // Nothing is known of them, and nothing of ours can be there that we have put there.
      edge: {
        secrets: () => Promise.resolve(new Map()),
        assertKeepsSecrets: () => Promise.resolve(),
        setSecrets: refuse,
        unsetSecrets: refuse,
        find: () => Promise.resolve(undefined),
        isTheirs: () => Promise.resolve(false),
        deploy: refuse,
        remove: refuse,
      },
      dataApi: { schemas: refuse, setSchemas: refuse },
      ...wishesOf(target, url, deps),
      end: db.end,
    }
  } catch (reason) {
    await db.end()
    throw reason
  }
}

/** The secret that the functions have already, or are to be given. Never on a command line. */
function givenSecret({ env }: Deps): string | undefined {
  const secret = env.SUPAQUEUE_SECRET || undefined
  if (secret === undefined || secret.length >= 16) return secret
  throw new SupaqueueError('SQ422', 'SUPAQUEUE_SECRET is shorter than 16 characters', 'Make one: openssl rand -hex 32.')
}

/** What needs the platform, for a project of which only the database is known. */
export const needsPlatform = (what: string, why: string, instead: string): SupaqueueError =>
  new SupaqueueError('SQ501', `${what} needs the Management API of the platform: ${why}`, instead)

const withoutFunctionsUrl = () =>
  new SupaqueueError(
    'SQ422',
    'the URL of the edge functions of this project is not known',
    'Add --functions-url <url> (or SUPAQUEUE_FUNCTIONS_URL), as the database reaches them: http://kong:8000/functions/v1 where Supabase runs in containers. For a hosted project: --project-ref <ref>. For a PostgreSQL without Supabase: install --stand-alone.',
  )
