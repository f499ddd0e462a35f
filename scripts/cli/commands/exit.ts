import type { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

/** How the program ends. */
export const EXIT = { done: 0, failed: 1, usage: 2, declined: 3, unreachable: 4, missing: 5 } as const

type Ending = { exit: number; meaning: string; errors: string[] }

/** What each exit code means, and the codes of errors that lead to it: the one table for `--help`, the documents and the program. */
export const ENDINGS: Ending[] = [
  { exit: EXIT.done, meaning: 'done; for doctor: everything works', errors: [] },
  {
    exit: EXIT.failed,
    meaning: 'something failed, or doctor found a problem',
    errors: ['SQ409', 'SQ413', 'SQ423', 'SQ500', 'SQ501', 'SQ503'],
  },
  { exit: EXIT.usage, meaning: 'the command line is not valid, or an answer is missing', errors: ['SQ422'] },
  { exit: EXIT.declined, meaning: 'you answered no; nothing was changed', errors: [] },
  {
    exit: EXIT.unreachable,
    meaning: 'the project cannot be reached, or refused access',
    errors: ['SQ401', 'SQ403', 'SQ429', 'SQ502', 'SQ504'],
  },
  {
    exit: EXIT.missing,
    meaning: 'not found: a job, a queue, the project, or supaqueue in it',
    errors: ['SQ404'],
  },
  {
    exit: 130,
    meaning: 'ended by Ctrl-C during a question or the demo; for another signal 128 plus its number',
    errors: [],
  },
]

export const exitHelp = `
Exit codes:
${ENDINGS.map(({ exit, meaning }) => `  ${String(exit).padEnd(3)}  ${meaning}`).join('\n')}`

/** The exit code of an error. */
export const exitOf = ({ code }: SupaqueueError): number =>
  ENDINGS.find(({ errors }) => errors.includes(code))?.exit ?? EXIT.failed
