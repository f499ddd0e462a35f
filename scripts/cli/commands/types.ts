import { readOwn } from '../place.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** Prints the types of the schema supaqueue, as supabase-js takes them. Returns the exit code. */
export function types(_options: unknown, deps: Deps): Promise<number> {
  deps.say(readOwn('supabase/functions/_shared/supaqueue/database_types.ts').trimEnd())
  return Promise.resolve(EXIT.done)
}
