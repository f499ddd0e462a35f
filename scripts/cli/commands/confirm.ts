import { HintedError } from '../hinted_error.ts'
import type { World } from '../world.ts'

/** Asks once. Whoever does not say yes, says no. */
export async function confirm(world: World, question: string): Promise<boolean> {
  const answer = await put(world, `${question} [y/N] `)
  if (/^y(es)?$/i.test(answer)) return true
  world.note('Nothing was changed.')
  return false
}

/** Asks for a name to be typed, so that nobody destroys the wrong thing by habit. */
export async function confirmName(world: World, question: string, name: string): Promise<boolean> {
  if (await put(world, `${question} Type ${name}: `) === name) return true
  world.note('Nothing was changed.')
  return false
}

async function put(world: World, question: string): Promise<string> {
  if (world.interactive) return await world.ask(question)
  throw new HintedError('SQ422', 'nobody is there to say yes', 'Add --yes. To see what would happen: --dry-run.')
}
