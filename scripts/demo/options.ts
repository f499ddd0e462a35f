import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { home } from '../cli/place.ts'
import { HintedError } from '../cli/hinted_error.ts'

export type DemoOptions = { file: string; json: boolean }

const ownText = join(home, 'README.md')

export const usage = `Usage: pnpm demo [file] [options]

Starts a Supabase project with supaqueue in it on this machine and runs a pipeline in it: one job splits a text, one job
for each paragraph reads it, three at a time, and a last one, which waits for all of them, puts together what they found.
Then it stops. The functions that they call: split-document, read-paragraph, merge-readings in examples/supabase/functions.

  file     A text to read, plain or Markdown, in UTF-8. Default: the README of this project.

Options:
  --json   Print one summary for a program to read, and nothing else, on standard output.
  --help   Show this.

Exit code: 0 if every job ended as it should, 1 if one did not or something broke, 2 if the file or the command line
cannot be used.`

/** Reads the command line. Throws a `HintedError` about what it does not understand. */
export function parseOptions(args: string[]): DemoOptions | 'help' {
  const { values: { help, json = false }, positionals: [file = ownText, ...more] } = read(args)
  if (help) return 'help'
  if (more.length > 0) {
    throw new HintedError('one_file_only', `The demo reads one file, not ${more.length + 1}.`, 'Give one file.')
  }
  return { file, json }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
    })
  } catch (reason) {
    const message = (reason as Error).message.replace(/\. .*/s, '.')
    throw new HintedError('option_not_known', message, 'See pnpm demo --help.')
  }
}
