import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { dryProject } from '../project/dry.ts'
import { additions, type Dependent, dependents } from '../project/dependents.ts'
import { API, DISPATCHER } from '../project/edge.ts'
import { occupantOf, refuseStranger } from '../project/occupant.ts'
import { openProject, type Target } from '../project/open.ts'
import type { Project } from '../project/project.ts'
import { apiStep } from '../steps/api.ts'
import { dispatcherStep } from '../steps/dispatcher.ts'
import { stepsBack } from '../steps/all.ts'
import type { Step } from '../steps/step.ts'
import type { Deps } from '../deps.ts'
import { inShell } from '../terminal/in_shell.ts'
import { plain } from '../terminal/plain.ts'
import { confirm, confirmName } from './confirm.ts'
import { EXIT } from './exit.ts'
import { undoSteps } from '../steps/apply.ts'

export type RemoveOptions = Target & {
  yes?: boolean
  dryRun?: boolean
  /** The tables and their rows stay. */
  keepData?: boolean
  /** What of the user's own may go along, by name. */
  alsoDrop: string[]
}

/** Takes supaqueue out of a project. Returns the exit code. */
export async function remove(options: RemoveOptions, deps: Deps): Promise<number> {
  const { keepData = false, dryRun, yes } = options
  const project = await openProject(options, deps)
  try {
    await refuseStranger(project.db.query)
    const steps = await ownSteps(project, deps)
    await tell(project, steps, deps, keepData)
    const lost = [...keepData ? [] : await additions(project.db), ...await dependents(project.db, { keepData })]
    if (dryRun) {
      for (const { name } of lost) deps.say(plain(`-- goes along: ${name}`))
      await undoSteps(steps, dryProject(project, deps.say), { ...deps, progress: () => {} }, { keepData })
      deps.say('Dry run: nothing was changed.')
      return EXIT.done
    }
    if (!await mayGo(lost, options.alsoDrop, deps)) return EXIT.declined
    if (
      !yes && !await (keepData ? confirm(deps, 'Go ahead?') : confirmName(deps, 'Remove all of it?', project.name))
    ) {
      return EXIT.declined
    }
    await undoSteps(steps, project, deps, { keepData })
    deps.say(
      keepData
        ? 'supaqueue stands still; its tables and their rows are in the schema supaqueue. Install again to go on.'
        : 'supaqueue is gone. The project is what it was before.',
    )
    return EXIT.done
  } finally {
    await project.end()
  }
}

/** Without the functions that only bear our names: where the schema is gone, what is deployed is the user's own. */
async function ownSteps(project: Project, deps: Deps): Promise<Step[]> {
  const steps = await stepsBack(project)
  const installed = await occupantOf(project.db.query) === 'us'
  const kept: Step[] = []
  for (const [fn, step] of [[DISPATCHER, dispatcherStep], [API, apiStep]] as const) {
    if (!await project.edge.isTheirs(fn, installed)) continue
    deps.note(`The edge function ${fn} is not of supaqueue, and stays.`)
    kept.push(step)
  }
  return steps.filter((step) => !kept.includes(step))
}

async function tell({ name, db }: Project, steps: Step[], deps: Deps, keepData: boolean): Promise<void> {
  deps.say(`supaqueue will be removed from the project ${name}:`)
  for (const step of steps.toReversed()) deps.say(`  - ${step.name}`)
  const [table] = await db.query<{ exists: boolean }>(`select to_regclass('supaqueue.job') is not null as exists`)
  if (!table?.exists) return
  const [count] = await db.query<{ jobs: string; waiting: string; queues: string }>(
    `select count(*) as jobs, count(*) filter (where status in ('pending', 'in_progress', 'held')) as waiting,
       (select count(*) from supaqueue.queue) as queues
     from supaqueue.job`,
  )
  const rows = `${count?.queues} queues and ${count?.jobs} jobs, ${count?.waiting} of them not done`
  deps.say(keepData ? `The tables stay, with ${rows}.` : `With it go ${rows}.`)
}

/** Asks for each thing of the user's own, by name, whether it may go along. */
async function mayGo(lost: Dependent[], allowed: string[], deps: Deps): Promise<boolean> {
  const unnamed = lost.filter(({ name }) => !allowed.includes(name))
  for (const { name, what } of unnamed) {
    deps.note(plain(`Yours, and goes with the schema: ${what}`.concat(what.includes(name) ? '' : ` (${name})`)))
  }
  if (unnamed.length > 0 && !deps.interactive) {
    throw new SupaqueueError(
      'SQ409',
      `${unnamed.length} things of yours would be dropped, too: ${unnamed.map(({ name }) => name).join(', ')}`,
      `Nothing was changed. Drop them yourself, or allow it: ${
        unnamed.map(({ name }) => `--also-drop ${inShell(name)}`).join(' ')
      }; or keep the tables: --keep-data.`,
    )
  }
  for (const { name } of unnamed) {
    if (!await confirm(deps, plain(`Drop ${name}, too?`))) return false
  }
  return true
}
