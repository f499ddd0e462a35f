import { look } from '../project/look.ts'
import type { Target } from '../project/open.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'
import { readStory, readStoryText } from './job/read.ts'
import { tell } from './job/tell.ts'

export type JobOptions = Target & { id: string; json?: boolean }

/** Shows the story of a job, and why it waits. Returns the exit code. */
export function job({ id, ...options }: JobOptions, deps: Deps): Promise<number> {
  return look(options, deps, async (db) => {
    deps.say(options.json ? await readStoryText(db, id) : tell(await readStory(db, id)).join('\n'))
    return EXIT.done
  })
}
