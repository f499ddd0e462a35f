import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { main } from '../../../scripts/cli/main.ts'
import type { Deps } from '../../../scripts/cli/deps.ts'

export type Ran = {
  code: number
  /** Standard output and standard error, in the order of their lines. */
  text: string
  out: string
}

type Place = { env: Record<string, string | undefined>; cwd: string }

/** Runs `supaqueue <args>` as CI would; with `answers`, as somebody at a terminal, who gives them in this order. */
export async function runSupaqueue(
  args: string[],
  { answers, ...place }: Place & { answers?: string[] },
): Promise<Ran> {
  const lines: string[] = []
  const out: string[] = []
  const pending = [...answers ?? []]
  const answer = (question: string) => {
    lines.push(question)
    const given = pending.shift()
    if (given === undefined) throw new Error(`no answer is left for: ${question}`)
    return Promise.resolve(given)
  }
  const code = await main(args, {
    ...silentDeps(place),
    interactive: answers !== undefined,
    say: (line) => void (lines.push(line), out.push(line)),
    note: (line) => void lines.push(line),
    ask: answer,
    askSecret: answer,
  })
  return { code, text: lines.join('\n'), out: out.join('\n') }
}

/** What a command has where nobody sits, and nothing is printed. */
export const silentDeps = (place: Place): Deps => ({
  ...place,
  interactive: false,
  say: () => {},
  note: () => {},
  progress: () => {},
  ask: () => Promise.reject(new Error('nobody is there')),
  askSecret: () => Promise.reject(new Error('nobody is there')),
})

const program = join(import.meta.dirname, '../../../node_modules/supabase/dist/supabase.js')
const quiet = { SUPABASE_TELEMETRY_DISABLED: '1', SUPABASE_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' }

/** Runs the Supabase CLI, as a user's own pipeline would. */
export const runSupabase = (args: string[], { env, cwd }: Place): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd, env: { ...env, ...quiet } },
      (reason, out, error) => resolve({ code: Number(reason?.code ?? 0), text: out + error }),
    )
  })
