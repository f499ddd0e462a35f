import { handle } from './handle.ts'

// An example to call from a queue: `pnpm demo` sends it one job per paragraph. Your project does not need it.
Deno.serve(handle)
