import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'
import { confirm } from './confirm.ts'

/** The functions of the user's own that may be replaced by ours of the same name: `--replace <name>`, or asked for one by one. */
export type ReplaceOptions = { replace?: string[]; dryRun?: boolean }

/** Asks for each function of the user's own that stands where one of ours is to go. A dry run only names them. */
export async function mayReplace(theirs: string[], options: ReplaceOptions, deps: Deps): Promise<boolean> {
  const unnamed = theirs.filter((name) => !options.replace?.includes(name))
  for (const name of unnamed) {
    deps.note(`Yours: there is an edge function ${name} that is not of supaqueue.`)
  }
  if (options.dryRun) return true
  if (unnamed.length > 0 && !deps.interactive) {
    throw new SupaqueueError(
      'SQ409',
      `an edge function of your own is named ${unnamed.join(' and ')}, where supaqueue would put its own`,
      `Nothing was changed. Rename yours; or allow that it is replaced: ${
        unnamed.map((name) => `--replace ${name}`).join(' ')
      }.`,
    )
  }
  for (const name of unnamed) {
    if (!await confirm(deps, `Replace your function ${name} by that of supaqueue?`)) return false
  }
  return true
}
