import { API, DISPATCHER } from '../project/edge.ts'
import { absent, type Authority, exposed } from '../project/exposed.ts'
import { askDispatcher, isDispatcher } from '../project/reach.ts'
import { readSetting } from '../project/setting.ts'
import { digest, readVault } from '../project/vault.ts'
import { wantsApi } from '../steps/api.ts'
import { seal } from '../steps/dispatcher.ts'
import { EDGE_SECRET, PREVIOUS_SECRET } from '../steps/secret.ts'
import { type Check, fine, INSTALL, wrong } from './check.ts'

export const vaultCheck: Check = {
  name: 'vault',
  edge: true,
  needs: ['extensions'],
  async inspect({ db }) {
    const secret = await readVault(db)
    if (secret === undefined) return wrong('Vault has no secret supaqueue_secret', INSTALL)
    if (secret.length < 16) {
      return wrong('the secret in Vault is shorter than 16 characters', 'pnpm supaqueue:rotate-secret')
    }
    return fine('supaqueue_secret is there')
  },
}

export const secretsCheck: Check = {
  name: 'secret',
  platform: true,
  needs: ['vault'],
  async inspect({ db, edge }) {
    const secrets = await edge.secrets()
    const there = secrets.get(EDGE_SECRET)
    if (there === undefined) return wrong(`the functions have no ${EDGE_SECRET}`, INSTALL)
    const ours = digest(await readVault(db) ?? '')
    if (there === ours && secrets.has(PREVIOUS_SECRET)) {
      return wrong('a rotation broke off, or goes on: the previous secret still counts', 'pnpm supaqueue:rotate-secret')
    }
    if (there === ours) return fine('the same in Vault and in the functions')
    return secrets.get(PREVIOUS_SECRET) === ours
      ? wrong('a rotation broke off: Vault still has the previous secret', 'pnpm supaqueue:rotate-secret')
      : wrong('Vault and the functions have different secrets', INSTALL)
  },
}

export const functionCheck: Check = {
  name: 'function',
  platform: true,
  async inspect({ db, edge }) {
    const deployed = await edge.find(DISPATCHER)
    if (!deployed) return wrong(`the edge function ${DISPATCHER} is not deployed`, INSTALL)
    if (deployed.verifyJwt) return wrong('the platform checks JWTs before the function: wake-ups carry none', INSTALL)
    const known = await readSetting(db, 'dispatcher')
    // Deployed by a pipeline of the user's own: that is their affair.
    if (known === undefined) return fine(`version ${deployed.version}, not deployed by this installer`)
    return known === seal(DISPATCHER, deployed)
      ? fine(`version ${deployed.version}`)
      : wrong('what is deployed is not what this checkout holds', 'pnpm supaqueue:upgrade')
  },
}

export const urlCheck: Check = {
  name: 'functions url',
  edge: true,
  needs: ['schema'],
  async inspect({ db, functionsUrl }) {
    const url = await readSetting(db, 'functions_url')
    if (!url) {
      return wrong(
        'the setting functions_url is missing',
        functionsUrl
          ? INSTALL
          : `insert into supaqueue.setting (name, value) values ('functions_url', 'https://<project>.supabase.co/functions/v1');`,
      )
    }
    if (url !== functionsUrl) return wrong(`the setting functions_url is ${url}, expected ${functionsUrl}`, INSTALL)
    return fine(url)
  },
}

export const reachCheck: Check = {
  name: 'reachable',
  edge: true,
  needs: ['function'],
  async inspect({ reachUrl }) {
    if (!reachUrl) {
      return { ok: true, leftOut: true, detail: 'left out, because nothing says where the functions answer' }
    }
    let answer: Awaited<ReturnType<typeof askDispatcher>>
    try {
      answer = await askDispatcher(reachUrl)
    } catch (reason) {
      const { cause, message } = reason as Error
      return wrong(
        `${reachUrl}/${DISPATCHER} cannot be reached from here: ${(cause as NodeJS.ErrnoException)?.code ?? message}`,
        'Is the project paused? Wake it in the dashboard. Is the URL right? --functions-url sets another.',
      )
    }
    if (isDispatcher(answer)) return fine(`answers at ${reachUrl}/${DISPATCHER}`)
    return wrong(
      `answered ${answer.status}${answer.code ? ` ${answer.code}` : ''}, not as the dispatcher does`,
      answer.status === 503 ? `Look at the logs of the function supaqueue, then: ${INSTALL}` : INSTALL,
    )
  },
}

export const exposureCheck: Check = {
  name: 'data api',
  platform: true,
  async inspect(project) {
    const { schemas, by } = await exposed(project)
    const missing = await absent(project.db, schemas)
    if (missing.length > 0) {
      return wrong(
        `the Data API is to serve ${
          missing.join(', ')
        }, which the database does not have: from PostgREST 13 on it answers nothing at all`,
        missing.every((schema) => schema === 'supaqueue')
          ? `${INSTALL}, or take supaqueue out of ${placeOf(by)}`
          : `Take ${missing.join(', ')} out of ${placeOf(by)}, or make ${missing.length > 1 ? 'them' : 'it'}`,
      )
    }
    if (!schemas.includes('public')) {
      return wrong(
        'the Data API does not serve public: the dispatcher cannot take its turns',
        'Switch it on under Project Settings, Data API',
      )
    }
    if (project.expose && !schemas.includes('supaqueue')) {
      return wrong(
        "the schema supaqueue is not exposed: supabase.schema('supaqueue') does not work",
        `${INSTALL} (or doctor --no-expose, if you want it so)`,
      )
    }
    return fine(schemas.join(', ') + (by.kind === 'the role' ? ', by a setting of the role authenticator' : ''))
  },
}

const placeOf = (by: Authority): string =>
  by.kind === 'the platform'
    ? 'the exposed schemas (Project Settings, Data API; locally [api] in supabase/config.toml)'
    : `what SQL says of them: alter role ${by.role} set pgrst.db_schemas = '...'; notify pgrst, 'reload config'`

/** Asked without a key, the door says by itself that it wants one. */
export const apiCheck: Check = {
  name: 'http API',
  platform: true,
  needs: ['schema', 'data api'],
  async inspect(project) {
    const { db, edge, reachUrl } = project
    const deployed = await edge.find(API)
    if (!await wantsApi(project)) {
      return fine(deployed ? `version ${deployed.version}, not deployed by this installer` : 'not wanted (--with api)')
    }
    if (!deployed) return wrong(`the edge function ${API} is not deployed`, INSTALL)
    if (deployed.verifyJwt) return wrong('the platform checks JWTs before the door: its own keys are none', INSTALL)
    if (await readSetting(db, 'api') !== seal(API, deployed)) {
      return wrong('what is deployed is not what this checkout holds', 'pnpm supaqueue:upgrade')
    }
    const response = await fetch(`${reachUrl}/${API}/queues`, { signal: AbortSignal.timeout(10_000) })
    const { code, detail } = await response.json().catch(() => ({})) as { code?: string; detail?: string }
    return code === 'SQ401'
      ? fine(`version ${deployed.version}, answers at ${reachUrl}/${API}`)
      : wrong(`answered ${response.status}${detail ? `: ${detail}` : ', not as the door does'}`, INSTALL)
  },
}
