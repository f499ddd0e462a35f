import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { denoProgram } from '../../scripts/dev/edge/deno.ts'
import { nodeProgram } from '../node.ts'

/**
 * Starts a Node program of this folder in a process of its own, gives it what it needs by message, so that no secret
 * is on a command line, and resolves when it says that it is ready. `node`: by which program.
 */
export async function startProgram(file: URL, input: unknown, node?: string): Promise<ChildProcess> {
  const child = fork(file, {
    execPath: node ?? await nodeProgram(),
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const output: string[] = []
  child.stderr!.setEncoding('utf8').on('data', (chunk) => output.push(chunk))
  outputOf.set(child, output)
  child.send(input as object)
  await nextMessage(child)
  return child
}

// What a program says on standard error is why it ended.
const outputOf = new WeakMap<ChildProcess, string[]>()

/** The next message of a program. Throws if it ends instead, with what it said last. */
export async function nextMessage(child: ChildProcess): Promise<Record<string, number>> {
  const ended = once(child, 'close').then(([code]) => {
    const why = outputOf.get(child)?.join('').slice(-2000) ?? ''
    throw new Error(`${child.spawnargs.at(-1)} ended with ${code} instead of an answer: ${why}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message
}

/** Ends a program and waits until it is gone. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Runs a Deno program of this folder with `input` as JSON on its standard input, and returns its JSON answer. */
export async function runDeno(file: URL, input: unknown): Promise<Record<string, number>> {
  const child = spawn(denoProgram(), ['run', '--quiet', '--no-config', '--no-lock', '--allow-net', file.pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  child.stdin.end(JSON.stringify(input))
  const answer = await text(child.stdout)
  await gone
  return JSON.parse(answer)
}
