import { realpathSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { visibleLines } from '../../console/visible.ts'
import { home } from './place.ts'
import { plain } from './terminal/plain.ts'
import { print, printError } from './terminal/print.ts'
import { type Screen, screenOf } from './terminal/screen.ts'

/** What a command needs of the machine it runs on. Tests bring their own. */
export type Deps = {
  env: Record<string, string | undefined>
  /** The folder the command was called in. */
  cwd: string
  /** Whether somebody sits there to answer. */
  interactive: boolean
  /** One line of what was asked for, to standard output. */
  say(line: string): void
  /** One line about the work itself, to standard error. */
  note(line: string): void
  /** What is being done right now: shown in a terminal until the next line, and nowhere else. */
  progress(line: string): void
  /** Asks, and returns the answer without surrounding blanks. */
  ask(question: string): Promise<string>
  /** Asks without showing what is typed. */
  askSecret(question: string): Promise<string>
  /** The terminal that standard output goes to, if it goes to one. */
  screen?: Screen
  /** From now on Ctrl-C does not end the program, but fires this signal. */
  interrupted?(): AbortSignal
}

/**
 * The folder in which a person called us. Package managers go to the folder of package.json before they run anything, as
 * with `pnpm --dir ../supaqueue`, and say where they were; elsewhere the folder we are in was chosen.
 */
export const callersFolder = (
  cwd: string,
  env: Deps['env'],
  ours = home,
): string => env.INIT_CWD && realpathSync(cwd) === realpathSync(ours) ? env.INIT_CWD : cwd

/** The process we are. */
export function realDeps(): Deps {
  const terminal = process.stderr.isTTY === true
  // A reader that has gone, such as `head`, is no reason to end: what was begun is finished.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const clear = () => terminal && process.stderr.write('\r\x1b[2K')
  return {
    env: process.env,
    cwd: callersFolder(process.cwd(), process.env),
    interactive: process.stdin.isTTY === true && terminal,
    say(line) {
      clear()
      print(line)
    },
    note(line) {
      clear()
      printError(line)
    },
    progress(line) {
      if (!terminal) return
      clear()
      process.stderr.write(plain(line))
    },
    screen: screenOf(process.stdout),
    interrupted() {
      const controller = new AbortController()
      process.once('SIGINT', () => controller.abort())
      return controller.signal
    },
    ask: (question) => read(visibleLines(question), process.stderr),
    async askSecret(question) {
      const nowhere = new Writable({
        write: (_chunk, _encoding, done) => done(),
      })
      // The question comes only once the terminal no longer echoes: a pasted password may follow at once.
      const answer = await read(
        '',
        nowhere,
        () => process.stderr.write(visibleLines(question)),
      )
      process.stderr.write('\n')
      return answer
    },
  }
}

async function read(
  question: string,
  output: NodeJS.WritableStream,
  onReady = () => {},
): Promise<string> {
  const lines = createInterface({
    input: process.stdin,
    output,
    terminal: true,
  })
  // Ctrl-C while we wait for an answer is an answer: no.
  lines.on('SIGINT', () => process.exit(130))
  try {
    const answer = lines.question(question)
    onReady()
    return (await answer).trim()
  } finally {
    lines.close()
  }
}
