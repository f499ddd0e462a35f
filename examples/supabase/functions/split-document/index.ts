import { handle } from './handle.ts'

// An example of a pipeline: splits a text into jobs that another job waits for. `pnpm demo` begins with it. Your project
// does not need it.
Deno.serve((request) => handle(request))
