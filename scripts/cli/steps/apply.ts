import { setTimeout as pause } from 'node:timers/promises'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Project } from '../project/project.ts'
import type { Step } from './step.ts'
import type { Deps } from '../deps.ts'

/** Puts each step in place, in order, and skips what is there: safe to run twice, or again after a failure. */
export async function applySteps(steps: Step[], project: Project, deps: Deps): Promise<LeftOut[]> {
  const leftOut: LeftOut[] = []
  for (const [index, step] of steps.entries()) {
    const place = `[${index + 1}/${steps.length}]`
    await reported(step, deps, place, 'install', async () => {
      const detailed = async () => [step.name, await step.detail?.(project)].filter(Boolean).join(': ')
      const inPlace = async () => `${place} in place:  ${await detailed()}`
      if (!step.always && await step.isInPlace(project)) return await inPlace()
      const because = await step.putInPlace(project)
      if (because) {
        leftOut.push({ name: step.name, because })
        return `${place} left out:  ${step.name}, because ${because}`
      }
      if (project.dry) return `${place} would be:  ${step.name}`
      if (!await shows(step, project)) throw withoutEffect(step)
      if (because === false) return await inPlace()
      return `${place} installed: ${await detailed()}`
    })
  }
  return leftOut
}

/** Whether it is there afterward. The platform may take a moment to show it. */
async function shows(step: Step, project: Project): Promise<boolean> {
  for (let tried = 0; tried < 20; tried++) {
    if (await step.isInPlace(project)) return true
    await pause(500)
  }
  return false
}

/** What an installation goes without, and why. */
export type LeftOut = { name: string; because: string }

const withoutEffect = ({ name }: Step): SupaqueueError =>
  new SupaqueueError(
    'SQ500',
    `${name}: no statement failed, and yet it is not there`,
    'Does something undo it, such as an event trigger of yours, or a deployment at the same time? Find that, then install again: it goes on where it stopped.',
  )

/**
 * Takes each step away, in the reverse order. Does not ask what is in place: after an install that stopped halfway, a step can be half
 * done, and takeAway removes what it finds.
 */
export async function undoSteps(
  steps: Step[],
  project: Project,
  deps: Deps,
  options: { keepData: boolean },
): Promise<void> {
  for (const [index, step] of steps.toReversed().entries()) {
    const place = `[${index + 1}/${steps.length}]`
    await reported(step, deps, place, 'remove', async () => {
      return await step.takeAway(project, options)
        ? `${place} removed:   ${step.name}`
        : `${place} not ours:  ${step.name}`
    })
  }
}

async function reported(
  step: Step,
  deps: Deps,
  place: string,
  verb: string,
  work: () => Promise<string>,
): Promise<void> {
  deps.progress(`${place} ${step.name} ...`)
  const begin = performance.now()
  try {
    const line = await work()
    const ms = performance.now() - begin
    deps.say(ms < 500 ? line : `${line} (${(ms / 1000).toFixed(1)} s)`)
  } catch (reason) {
    deps.note(`${place} failed:    ${step.name}`)
    if (reason instanceof SupaqueueError) throw reason
    const { message, code } = reason as Error & { code?: string }
    throw new SupaqueueError(
      code?.startsWith('SQ') ? code : 'SQ500',
      `${step.name}: ${message}`,
      `What was done before stays done. Fix the cause, then ${verb} again: it goes on where it stopped.`,
    )
  }
}
