import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'
import { readStory } from './job/read.ts'
import { tell } from './job/tell.ts'

export type JobOptions = Target & { id: string; json?: boolean }

/** Shows the story of a job, and why it waits. Returns the exit code. */
export function job({ id, ...options }: JobOptions, deps: Deps): Promise<number> {
  return look(options, deps, async (db) => {
    const story = await readStory(db, id)
    deps.say(options.json ? JSON.stringify(story, null, 2) : tell(story).join('\n'))
    return EXIT.done
  })
}
