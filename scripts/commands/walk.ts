import { HintedError } from '../hinted_error.ts'
import type { Project } from '../project/project.ts'
import type { Step } from '../steps/step.ts'
import type { World } from '../world.ts'

/** Walks the steps forward and skips what is in place: safe to run twice, or again after a failure. */
export async function walkForward(steps: Step[], project: Project, world: World): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const place = `[${index + 1}/${steps.length}]`
    await told(step, world, place, 'install', async () => {
      if (await step.isInPlace(project)) return `${place} in place:  ${step.name}`
      const leftOut = await step.putInPlace(project)
      return leftOut ? `${place} left out:  ${step.name}, because ${leftOut}` : `${place} installed: ${step.name}`
    })
  }
}

/**
 * The same steps backward. Does not ask what is in place: after an install that stopped halfway, a step can be half
 * done, and takeAway removes what it finds.
 */
export async function walkBackward(
  steps: Step[],
  project: Project,
  world: World,
  options: { keepData: boolean },
): Promise<void> {
  for (const [index, step] of steps.toReversed().entries()) {
    const place = `[${index + 1}/${steps.length}]`
    await told(step, world, place, 'remove', async () => {
      return await step.takeAway(project, options)
        ? `${place} removed:   ${step.name}`
        : `${place} not ours:  ${step.name}`
    })
  }
}

async function told(step: Step, world: World, place: string, verb: string, work: () => Promise<string>): Promise<void> {
  world.progress(`${place} ${step.name} ...`)
  const begin = performance.now()
  try {
    const line = await work()
    const ms = performance.now() - begin
    world.say(ms < 500 ? line : `${line} (${(ms / 1000).toFixed(1)} s)`)
  } catch (reason) {
    world.note(`${place} failed:    ${step.name}`)
    if (reason instanceof HintedError) throw reason
    const { message, code } = reason as Error & { code?: string }
    throw new HintedError(
      code?.startsWith('SQ') ? code : 'SQ500',
      `${step.name}: ${message}`,
      `What was done before stays done. Mend the cause, then ${verb} again: it goes on where it stopped.`,
    )
  }
}
