import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'

/** Asks once. Whoever does not say yes, says no. */
export async function confirm(deps: Deps, question: string): Promise<boolean> {
  const answer = await put(deps, `${question} [y/N] `)
  if (/^y(es)?$/i.test(answer)) return true
  deps.note('Nothing was changed.')
  return false
}

/** Asks for a name to be typed, so that nobody destroys the wrong thing by habit. */
export async function confirmName(deps: Deps, question: string, name: string): Promise<boolean> {
  if (await put(deps, `${question} Type ${name}: `) === name) return true
  deps.note('Nothing was changed.')
  return false
}

async function put(deps: Deps, question: string): Promise<string> {
  if (deps.interactive) return await deps.ask(question)
  throw new SupaqueueError(
    'SQ422',
    'there is no terminal to confirm on',
    'Add --yes. To see what would happen: --dry-run.',
  )
}
