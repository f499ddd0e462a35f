import { visibleLines } from '../../../console/visible.ts'
import { spoken } from './spoken.ts'

// All that a command prints goes through here or through `Deps`: what others wrote must not steer a terminal.

/** Prints a line, or several, to standard output. A reader that has gone is no reason to end. */
export const print = (text: string): void => void process.stdout.write(`${visibleLines(spoken(text))}\n`)

/** The same to standard error. */
export const printError = (text: string): void => void process.stderr.write(`${visibleLines(spoken(text))}\n`)
