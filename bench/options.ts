import { parseArgs } from 'node:util'
import { SupaqueueError } from '../supabase/functions/_shared/supaqueue/errors.ts'

export type Options = {
  /** Fewer rounds and smaller sizes: a look, not a measurement. */
  quick: boolean
  /** Ten million rows where the full run has one million, and a snapshot held for half an hour. */
  fullScale: boolean
  /** How long the steady state is watched. */
  steadyMinutes: number
  /** Names of the scenarios to run; empty for all. */
  only: string[]
  /** Rounds of the interleaved scenarios; undefined for their own choice. */
  rounds: number | undefined
  json: boolean
  /** Whether the results are written to bench/results. */
  keep: boolean
}

/** Reads the command line. Throws a `SupaqueueError` about what it does not understand. */
export function readOptions(args: string[], known: string[]): Options | 'help' {
  const { values } = parse(args)
  if (values.help) return 'help'
  const quick = values.quick ?? false
  const only = (values.only ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '')
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new SupaqueueError(
      'scenario_not_known',
      `There is no scenario ${unknown}.`,
      `There are: ${known.join(', ')}.`,
    )
  }
  return {
    quick,
    fullScale: values['full-scale'] ?? false,
    steadyMinutes: number('steady-minutes', values['steady-minutes']) ?? (quick ? 0.1 : 1),
    only,
    rounds: number('rounds', values.rounds),
    json: values.json ?? false,
    keep: !quick && !values['no-keep'],
  }
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (value > 0 && value < 1000) return value
  throw new SupaqueueError('number_not_usable', `--${name} ${text} is no number above 0.`, 'See pnpm bench --help.')
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean' },
        'full-scale': { type: 'boolean' },
        'steady-minutes': { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        json: { type: 'boolean' },
        'no-keep': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (reason) {
    const message = (reason as Error).message.replace(/\. .*/s, '.')
    throw new SupaqueueError('option_not_known', message, 'See pnpm bench --help.')
  }
}

/** The text of --help. */
export const usage = (scenarios: { name: string; about: string }[]): string =>
  `Usage: pnpm bench [options]

Measures supaqueue on this machine against what else there is, and prints tables. A full run takes more than half an
hour and is written to bench/results; how to read it: bench/README.md.

Options:
  --quick               Small and short, under two minutes. To see that all works; its figures say little.
  --only <names>        Some scenarios, by name, separated by commas.
  --rounds <n>          Rounds of the comparisons, instead of 3 (quick: 1).
  --full-scale          10 million rows where a full run has 1 million; a snapshot held for half an hour. Takes long.
  --steady-minutes <n>  How long the steady state is watched. Default 1.
  --json                Print the results for a program to read, and nothing else, on standard output.
  --no-keep             Write nothing to bench/results.
  --help                Show this.

Scenarios:
${scenarios.map(({ name, about }) => `  ${name.padEnd(22)}${about}`).join('\n')}

Exit code: 0 if every scenario could be measured, whatever the figures; 1 if one could not; 2 for a wrong command line.`
