import type { HintedError } from '../hinted_error.ts'

/** How the program ends; explained in scripts/README.md and in --help. */
export const EXIT = { done: 0, failed: 1, usage: 2, declined: 3, unreachable: 4, missing: 5 } as const

export const exitHelp = `
Exit codes:
  0  done; for doctor: all is well
  1  something failed, or doctor found something wrong
  2  the command was not understood, or an answer is missing
  3  you said no; nothing was changed
  4  the project cannot be reached, or does not let us in
  5  what was named is not there: a job, a queue, the project, or supaqueue in it`

/** The exit code of an error. */
export function exitOf({ code }: HintedError): number {
  if (code === 'SQ422' || /_(not_valid|not_known|only)$|^file_/.test(code)) return EXIT.usage
  if (code === 'SQ404') return EXIT.missing
  return ['SQ401', 'SQ403', 'SQ429', 'SQ502', 'SQ504', 'database_unreachable'].includes(code)
    ? EXIT.unreachable
    : EXIT.failed
}
