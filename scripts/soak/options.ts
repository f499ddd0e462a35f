import { parseArgs } from 'node:util'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'

export type SoakOptions = { minutes: number; seed: number; json: boolean }

export const usage = `Usage: pnpm soak --minutes N [options]

Starts a Supabase project with supaqueue in it on this machine, keeps it under a mixed load, breaks one part after the
other while that goes on, and balances the books at the end: what was committed against what ran.

Options:
  --minutes N  How long, fractions allowed. Add half a minute for starting and for the last leases to run out.
  --seed N     A whole number from which acts and faults are drawn. Default: a new one, which is printed.
  --json       Print the ledger for a program to read, and nothing else, on standard output.
  --help       Show this.

Ctrl-C ends the load early; the books are balanced all the same.
Exit code: 0 if the ledger balances, 1 if it does not or something else broke, 2 if the command line cannot be used.`

/** Reads the command line. Throws a `SupaqueueError` about what it does not understand. */
export function parseOptions(args: string[], newSeed: () => number): SoakOptions | 'help' {
  const { help, json = false, minutes, seed } = read(args)
  if (help) return 'help'
  return {
    minutes: number('minutes', minutes, (value) => value > 0),
    seed: seed === undefined ? newSeed() : number('seed', seed, (value) => Number.isInteger(value) && value >= 0),
    json,
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        minutes: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (reason) {
    const message = (reason as Error).message.replace(/\. .*/s, '.')
    throw new SupaqueueError('SQ422', message, 'See pnpm soak --help.')
  }
}

function number(name: string, text: string | undefined, fits: (value: number) => boolean): number {
  const value = Number(text)
  if (text !== undefined && text.trim() !== '' && Number.isFinite(value) && fits(value)) return value
  throw new SupaqueueError(
    'SQ422',
    text === undefined ? `--${name} is missing.` : `--${name} ${text} cannot be used.`,
    `For instance: pnpm soak --minutes 10 --seed 1`,
  )
}
