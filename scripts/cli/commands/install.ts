import { allChecks, examine } from '../checks/all.ts'
import { HintedError } from '../hinted_error.ts'
import { dryProject } from '../project/dry.ts'
import { openProject, type Target } from '../project/open.ts'
import { API, DISPATCHER } from '../project/edge.ts'
import type { EdgeFunction } from '../project/edge_files.ts'
import { occupantOf, refuseStranger } from '../project/occupant.ts'
import type { Project } from '../project/project.ts'
import { newerMigrations } from '../project/ledger.ts'
import { foreignAddons, foreignFunctions } from '../steps/schema.ts'
import { wantsApi } from '../steps/api.ts'
import { stepsOf } from '../steps/all.ts'
import { mayProve, WITHOUT_PROOF } from '../steps/unmanaged.ts'
import type { Step } from '../steps/step.ts'
import type { World } from '../world.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { mayReplace, type ReplaceOptions } from './replace.ts'
import { walkForward } from './walk.ts'

export type InstallOptions = Target & ReplaceOptions & {
  yes?: boolean
  /** How long the test job may take, in seconds. */
  proofSeconds: number
}

/** Puts supaqueue into a project and proves that a job makes the round trip. Returns the exit code. */
export async function install(options: InstallOptions, world: World): Promise<number> {
  const project = await openProject(options, world)
  try {
    await refuseForeign(project)
    await project.edge.assertKeepsSecrets()
    if (!await mayReplace(await theirFunctions(project), options, world)) return EXIT.declined
    const steps = await stepsOf(project)
    if (options.dryRun) {
      await walkForward(steps, dryProject(project, world.say), { ...world, progress: () => {} })
      world.say('Dry run: nothing was changed. The last act would be a test job, there and back.')
      return EXIT.done
    }
    plan(project, steps, world)
    if (!options.yes && !await confirm(world, 'Go ahead?')) return EXIT.declined
    const leftOut = await walkForward(steps, project, world)
    const code = await mayProve(project) ? await prove(project, world, options.proofSeconds * 1000) : EXIT.done
    if (leftOut.length > 0) world.note('Left out (pnpm supaqueue:doctor says what to do):')
    for (const { name, because } of leftOut) world.note(`  - ${name}, because ${because}`)
    if (!await mayProve(project)) {
      world.note(`${WITHOUT_PROOF} at ${project.reachUrl}. Once it is there: pnpm supaqueue:doctor`)
    }
    return code
  } finally {
    await project.end()
  }
}

function plan(project: Project, steps: Step[], world: World): void {
  world.say(`supaqueue will be put into the project ${project.name}:`)
  for (const { name } of steps) world.say(`  - ${name}`)
  if (project.addons.length > 0) world.say(`  - the add-ons ${project.addons.join(', ')}`)
  world.say('  - and, as a proof, one test job there and back')
  world.say('What is in place stays as it is. To take it away again: pnpm supaqueue:remove')
}

/** Never takes over what somebody else has put where ours would go. */
async function refuseForeign({ db, addons }: Project): Promise<void> {
  // Before its function in `public`: whoever drops that first takes from a queue at work what it reports by.
  await refuseStranger(db.query)
  const [taken] = await foreignFunctions(db)
  if (taken) {
    throw new HintedError(
      'SQ409',
      `there is a function of your own named ${taken}, where supaqueue would put one`,
      `Nothing was changed. Rename yours (alter function ${taken} rename to another_name), or drop it once nobody calls it, then install.`,
    )
  }
  const [foreign] = await foreignAddons(db, addons)
  if (foreign) {
    throw new HintedError(
      'SQ409',
      `there is ${foreign} that is not of supaqueue, where the add-on would put its own`,
      'Nothing was changed. Rename it, or drop it once nobody needs it any more, then install; or install without that add-on.',
    )
  }
  const newer = await newerMigrations(db)
  if (newer.length > 0) {
    throw new HintedError(
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
async function prove(project: Project, world: World, deadlineMs: number): Promise<number> {
  world.progress('a test job, there and back ...')
  const checks = allChecks(deadlineMs)
  const [proof] = await examine(checks.filter(({ name }) => name === 'round trip').map(withoutNeeds), project, () => {})
  if (proof?.ok) {
    world.say(`Proof: ${proof.detail}.`)
    world.say(nextSteps)
    return EXIT.done
  }
  world.note('The test job did not come back. Looking for the broken link ...')
  const results = await examine(checks, project, () => {})
  const broken = results.find(({ ok, skipped }) => !ok && !skipped)
  world.note(`SQ503: the chain is broken at "${broken?.name ?? 'round trip'}": ${broken?.detail ?? proof?.detail}`)
  world.note(`To mend it: ${broken?.mend ?? 'pnpm supaqueue:doctor'}`)
  return EXIT.failed
}

const withoutNeeds = <Check extends { needs?: string[] }>(check: Check): Check => ({ ...check, needs: [] })

const nextSteps = `
Next: a queue for a function of yours, with two workers, and a job:

  select supaqueue.create_queue('greetings', 'hello', workers => 2);
  select supaqueue.enqueue('greetings', '{"arg1":"val"}');`
