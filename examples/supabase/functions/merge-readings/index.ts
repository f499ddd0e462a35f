import { handle } from './handle.ts'

// An example of a pipeline: runs when all the jobs that it waits for have ended, and reads their results. `pnpm demo`
// ends with it. Your project does not need it.
Deno.serve((request) => handle(request))
