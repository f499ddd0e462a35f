import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { noAnswer, platformFailure } from './failure.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { ownRequire } from '../place.ts'

/** Runs the Supabase CLI in a folder of its own, so that it finds and leaves nothing in the user's. */
export type Cli = (
  what: string,
  args: string[],
  /** Puts what the command needs into the folder. */
  furnish?: (folder: string) => Promise<void>,
) => Promise<void>

export type CliOptions = { ref: string; token: string; env: Record<string, string | undefined>; timeoutMs?: number }

/** The CLI that package.json pins. Every call names the project and confirms by itself; the token goes by environment. */
export const openCli = ({ ref, token, env, timeoutMs = 120_000 }: CliOptions): Cli => async (what, args, furnish) => {
  const folder = await mkdtemp(join(tmpdir(), 'supaqueue-'))
  try {
    await furnish?.(folder)
    const { code, output } = await run([...args, '--project-ref', ref, '--yes'], {
      cwd: folder,
      timeoutMs,
      env: {
        ...env,
        SUPABASE_ACCESS_TOKEN: token,
        SUPABASE_TELEMETRY_DISABLED: '1',
        DO_NOT_TRACK: '1',
        SUPABASE_NO_UPDATE_NOTIFIER: '1',
        NO_COLOR: '1',
      },
    })
    if (code === 'timeout') throw noAnswer(what, 'the Supabase CLI did not end in time')
    if (code !== 0) throw explain(what, output)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Run = { cwd: string; env: Record<string, string | undefined>; timeoutMs: number }

function run(args: string[], { timeoutMs, ...where }: Run): Promise<{ code: number | 'timeout'; output: string }> {
  return new Promise((resolve, reject) => {
    const [program, ...first] = supabase()
    const child = spawn(program, [...first, ...args], { ...where, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let late = false
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => output += text)
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGTERM')
    }, timeoutMs)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ code: late ? 'timeout' : code ?? 1, output })
    })
  })
}

/** The version that is tested with: others have other words, and other files. */
const SUPABASE = '3.1.0'

/** How it is called: as it is installed beside us, or by npx, which fetches it at its first use. */
function supabase(): [string, ...string[]] {
  try {
    const file = join(dirname(ownRequire.resolve('supabase/package.json')), 'dist/supabase.js')
    if (existsSync(file) && ownRequire('supabase/package.json').version === SUPABASE) return [process.execPath, file]
  } catch {
    // Not installed.
  }
  return ['npx', '--yes', `supabase@${SUPABASE}`]
}

// The CLI has no stable codes for these; its texts carry the status and the body it got.
function explain(what: string, output: string): SupaqueueError {
  const text = lastWord(output.replace(/sb[ps]_\w+/g, '...'))
  if (/TransportError|ECONNREFUSED|Unable to connect/.test(text)) return noAnswer(what, 'no connection')
  const status = /status (\d{3})/.exec(text)?.[1] ?? (/rate limit/i.test(text) ? '429' : undefined)
  if (status) return platformFailure(what, Number(status), text)
  return new SupaqueueError(
    'SQ502',
    `${what}: the Supabase CLI said: ${text}`,
    'Fix what it names, then run the same command again.',
  )
}

const lastWord = (output: string): string =>
  output.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(Try rerunning|Warning:|Target:|Confirmed by|[│◇])/.test(line))
    .at(-1) ?? 'nothing'
