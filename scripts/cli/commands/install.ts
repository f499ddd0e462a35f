import { allChecks, examine } from '../checks/all.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { dryProject } from '../project/dry.ts'
import { openProject, type Target } from '../project/open.ts'
import { API, DISPATCHER } from '../project/edge.ts'
import type { EdgeFunction } from '../project/edge_files.ts'
import { occupantOf, refuseStranger } from '../project/occupant.ts'
import type { Project } from '../project/project.ts'
import { appliedMigrations, newerMigrations } from '../project/ledger.ts'
import { withoutRows } from '../database/without_rows.ts'
import { foreignAddons, foreignFunctions } from '../steps/schema.ts'
import { wantsApi } from '../steps/api.ts'
import { stepsOf } from '../steps/all.ts'
import { mayProve, WITHOUT_PROOF } from '../steps/unmanaged.ts'
import type { Step } from '../steps/step.ts'
import { loginRoleStep } from '../steps/login_role.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { mayReplace, type ReplaceOptions } from './replace.ts'
import { applySteps } from '../steps/apply.ts'

export type InstallOptions = Target & ReplaceOptions & {
  yes?: boolean
  /** How long the test job may take, in seconds. */
  proofSeconds: number
  drainSeconds?: number
  beginAgain?: boolean
  /** A login role to make that may take turns, and nothing else. */
  workerRole?: string
  /** The same for one that may serve the HTTP API. */
  apiRole?: string
}

/** Puts supaqueue into a project and proves that a job makes the round trip. Returns the exit code. */
export async function install(options: InstallOptions, deps: Deps): Promise<number> {
  const opened = await openProject(options, deps)
  try {
    const move = options.fromPublished ? await takingOver(opened, options, deps) : undefined
    const project = move?.project ?? opened
    await refuseForeign(project, move !== undefined)
    await project.edge.assertKeepsSecrets()
    const theirs = (await theirFunctions(project)).filter((fn) => move === undefined || fn !== DISPATCHER)
    if (!await mayReplace(theirs, options, deps)) return EXIT.declined
    const steps = [...await stepsOf(project), ...await loginRolesOf(project, options, deps)]
    for (const line of move?.plan ?? []) deps.say(line)
    if (options.dryRun) {
      for (const statements of move?.statements ?? []) deps.say(statements)
      await applySteps(steps, dryProject(project, deps.say), { ...deps, progress: () => {} })
      deps.say(
        project.standAlone
          ? 'Dry run: nothing was changed.'
          : 'Dry run: nothing was changed. The last act would be a test job, there and back.',
      )
      return EXIT.done
    }
    plan(project, steps, deps)
    if (!options.yes && !await confirm(deps, 'Go ahead?')) return EXIT.declined
    const leftOut = await applySteps(steps, project, deps)
    const code = await mayProve(project) ? await prove(project, deps, options.proofSeconds * 1000) : EXIT.done
    if (leftOut.length > 0) deps.note('Left out (pnpm supaqueue:doctor says what to do):')
    for (const { name, because } of leftOut) deps.note(`  - ${name}, because ${because}`)
    if (project.standAlone) {
      deps.say(STAND_ALONE_NEXT)
    } else if (!await mayProve(project)) {
      deps.note(`${WITHOUT_PROOF} at ${project.reachUrl}. Once it is there: pnpm supaqueue:doctor`)
    }
    return code
  } finally {
    await opened.end()
  }
}

async function loginRolesOf(project: Project, { workerRole, apiRole }: InstallOptions, deps: Deps): Promise<Step[]> {
  if (apiRole !== undefined && !await wantsApi(project)) {
    throw new SupaqueueError(
      'SQ422',
      `the role ${apiRole} would have no HTTP API to serve`,
      'Nothing was changed. Install the API along: add --with api.',
    )
  }
  const steps: Step[] = []
  if (workerRole !== undefined) {
    steps.push(loginRoleStep('worker', workerRole, () => passwordOf(workerRole, 'SUPAQUEUE_WORKER_PASSWORD', deps)))
  }
  if (apiRole !== undefined) {
    steps.push(loginRoleStep('api', apiRole, () => passwordOf(apiRole, 'SUPAQUEUE_API_PASSWORD', deps)))
  }
  return steps
}

async function passwordOf(role: string, variable: string, { env, interactive, askSecret }: Deps): Promise<string> {
  const given = env[variable] || (interactive ? await askSecret(`A password for the new role ${role}: `) : '')
  if (given.length >= 12) return given
  throw new SupaqueueError(
    'SQ422',
    `the new role ${role} needs a password of at least 12 characters`,
    `Set ${variable}: openssl rand -hex 24 makes one. Never on a command line.`,
  )
}

/** The same project, whose installation takes along what the published supaqueue has. */
async function takingOver(project: Project, options: InstallOptions, deps: Deps) {
  const { findPublished, installOver, noPublished, planOf, statementsOf } = await import('../published/published.ts')
  const published = await findPublished(project.db)
  if (!published) throw noPublished()
  const how = {
    drainSeconds: options.drainSeconds ?? 60,
    beginAgain: options.beginAgain ?? false,
    progress: (line: string) => deps.progress(line),
  }
  return {
    plan: planOf(published, how),
    statements: statementsOf(published),
    project: { ...project, applySql: () => installOver(project.db.url, project.addons, published, how) },
  }
}

function plan(project: Project, steps: Step[], deps: Deps): void {
  deps.say(`supaqueue will be put into the project ${project.name}:`)
  for (const { name } of steps) deps.say(`  - ${name}`)
  if (project.addons.length > 0) deps.say(`  - the add-ons ${project.addons.join(', ')}`)
  if (!project.standAlone) deps.say('  - and, as a proof, one test job there and back')
  deps.say('What is in place stays as it is. To take it away again: pnpm supaqueue:remove')
}

/** Never takes over what somebody else has put where ours would go. */
async function refuseForeign({ db, addons }: Project, fromPublished: boolean): Promise<void> {
  // Before its function in `public`: whoever drops that first takes from a queue at work what it reports by.
  if (!fromPublished) await refuseStranger(db.query)
  const [taken] = (await foreignFunctions(db)).filter((name) =>
    !fromPublished || !name.startsWith('public.end_current_job(')
  )
  if (taken) {
    throw new SupaqueueError(
      'SQ409',
      `there is a function of your own named ${taken}, where supaqueue would put one`,
      `Nothing was changed. Rename yours (alter function ${taken} rename to another_name), or drop it once nobody calls it, then install.`,
    )
  }
  const [foreign] = await foreignAddons(db, addons)
  if (foreign) {
    throw new SupaqueueError(
      'SQ409',
      `there is ${foreign} that is not of supaqueue, where the add-on would put its own`,
      'Nothing was changed. Rename it, or drop it once nobody needs it any more, then install; or install without that add-on.',
    )
  }
  if ((await appliedMigrations(db))?.length === 0) throw withoutRows()
  const newer = await newerMigrations(db)
  if (newer.length > 0) {
    throw new SupaqueueError(
      'SQ409',
      `the database is of a newer release than this one: it has ${newer.join(', ')}`,
      'Nothing was changed. Get that release of supaqueue (git pull), and run the same command again.',
    )
  }
}

/** Edge functions of the user's own where ours would go. */
async function theirFunctions(project: Project): Promise<EdgeFunction[]> {
  const installed = await occupantOf(project.db.query) === 'us'
  const wanted: EdgeFunction[] = await wantsApi(project) ? [DISPATCHER, API] : [DISPATCHER]
  const theirs = await Promise.all(wanted.map((fn) => project.edge.isTheirs(fn, installed)))
  return wanted.filter((_, index) => theirs[index])
}

/** One test job there and back. If it does not come back, every link is looked at, and the broken one is named. */
async function prove(project: Project, deps: Deps, deadlineMs: number): Promise<number> {
  deps.progress('a test job, there and back ...')
  const checks = allChecks(deadlineMs)
  const [proof] = await examine(checks.filter(({ name }) => name === 'round trip').map(withoutNeeds), project, () => {})
  if (proof?.ok) {
    deps.say(`Proof: ${proof.detail}.`)
    deps.say(nextSteps)
    return EXIT.done
  }
  deps.note('The test job did not come back. Looking for the broken link ...')
  const results = await examine(checks, project, () => {})
  const broken = results.find(({ ok, skipped }) => !ok && !skipped)
  deps.note(`SQ503: the chain is broken at "${broken?.name ?? 'round trip'}": ${broken?.detail ?? proof?.detail}`)
  deps.note(`To fix it: ${broken?.fix ?? 'pnpm supaqueue:doctor'}`)
  return EXIT.failed
}

const withoutNeeds = <Check extends { needs?: string[] }>(check: Check): Check => ({ ...check, needs: [] })

const STAND_ALONE_NEXT = `
Next: a process that does the jobs, a queue for a URL, and a job:

  npx supaqueue work

  select supaqueue.create_queue('email', url => 'https://api.example.com/send', workers => 10);
  select supaqueue.enqueue('email', '{"arg1":"val"}');

For the HTTP API (--with api): npx supaqueue api`

const nextSteps = `
Next: a queue for a function of yours, with two workers, and a job:

  select supaqueue.create_queue('greetings', 'hello', workers => 2);
  select supaqueue.enqueue('greetings', '{"arg1":"val"}');`
