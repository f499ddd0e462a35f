import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { isAlive } from '../../../dev/support/edge.ts'

export type Said = { code: number; out: string; err: string }

/** A machine of somebody who has Node alone, with folders of their own: their shell, and what they type. */
export type Newcomer = {
  folder: string
  env: Record<string, string | undefined>
  /** Runs a program that is found as in a shell. */
  run(program: string, ...args: string[]): Promise<Said>
  /** Starts one that stays. */
  start(program: string, ...args: string[]): Running
  read(path: string): string
  write(path: string, text: string): void
  /** All that is in the project, by what it says; without what was installed, and what git and the CLI keep. */
  files(): Record<string, string>
  leave(): void
}

export type Running = {
  printed: { out: string }
  pid: number
  kill(signal: NodeJS.Signals): void
  ended: Promise<number | null>
}

/** With an own folder for what is kept between runs where `cold` says so: as on the first day. */
export function makeNewcomer({ cold = false } = {}): Newcomer {
  const home = mkdtempSync(join(tmpdir(), 'newcomer-'))
  // PostgreSQL does not run as root; who it runs as then has to reach its files.
  chmodSync(home, 0o755)
  const folder = join(home, 'project')
  const keep = join(home, 'tmp')
  for (const made of [folder, keep]) mkdirSync(made)
  const env: Record<string, string | undefined> = {
    ...withoutManagers(process.env),
    PATH: [join(folder, 'node_modules/node/bin'), process.env.PATH].join(delimiter),
    TMPDIR: keep,
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
    SUPABASE_TELEMETRY_DISABLED: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    NO_COLOR: '1',
    ...(cold && { XDG_CACHE_HOME: join(home, 'cache') }),
  }
  const here = () => ({ cwd: folder, env: env as NodeJS.ProcessEnv })
  const started: number[] = []
  return {
    folder,
    env,
    run: (program, ...args) =>
      new Promise((resolve) => {
        execFile(program, args, { ...here(), maxBuffer: 2 ** 26 }, (reason, out, err) => {
          resolve({ code: reason ? Number(reason.code ?? 1) : 0, out, err })
        })
      }),
    start(program, ...args) {
      const child = spawn(program, args, { ...here(), stdio: ['ignore', 'pipe', 'pipe'] })
      const printed = { out: '' }
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => printed.out += text)
      }
      started.push(child.pid!)
      return {
        printed,
        pid: child.pid!,
        kill: (signal) => void child.kill(signal),
        ended: once(child, 'exit').then(([code]) => code),
      }
    },
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    files: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
          .filter((path) => !/(^|\/)(node_modules|\.git|\.temp)\//.test(path))
          .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
      ),
    leave() {
      for (const pid of started.flatMap((pid) => [pid, ...descendants(pid)]).filter(isAlive)) {
        process.kill(pid, 'SIGKILL')
      }
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** What the package manager that started the tests has told them is none of the newcomer's business. */
export const withoutManagers = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      !/^(npm_|pnpm_|INIT_CWD$|NODE_OPTIONS$|VITEST|NODE_ENV$|SUPABASE_|SUPAQUEUE_)/i.test(name) ||
      /^npm_config_(registry|cafile|proxy|https_proxy)$/i.test(name)
    ),
  )

/** All processes that a process has started, and those that they have. */
export function descendants(pid: number): number[] {
  const pairs = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child!, ...below(child!)])
  return below(pid)
}
