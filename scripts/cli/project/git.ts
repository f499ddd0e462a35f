import { execFileSync } from 'node:child_process'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Workdir } from './workdir.ts'

/** What git does with a file: it has it, it leaves it out, or it would take it with the next `git add`. */
export type Fate = 'tracked' | 'ignored' | 'taken' | 'no git'

const IGNORE = 'supabase/.gitignore'
const REASON = '# Holds the secret of supaqueue.'

/** Asks git itself: what its files say is not for us to interpret. */
export function fateOf(folder: string, file: string): Fate {
  if (run(folder, ['rev-parse', '--is-inside-work-tree']) !== 0) return 'no git'
  if (run(folder, ['ls-files', '--error-unmatch', '--', file]) === 0) return 'tracked'
  return run(folder, ['check-ignore', '--quiet', '--', file]) === 0 ? 'ignored' : 'taken'
}

/**
 * Sees to it that git leaves a file out that is to hold the secret: adds a line to supabase/.gitignore where there is need.
 * Says whether it wrote one. @throws SupaqueueError SQ409 where git has the file already, or takes it in spite of the line
 */
export function keepFromGit(workdir: Workdir, file: string, dry = false): boolean {
  const fate = fateOf(workdir.folder, file)
  if (fate === 'tracked') throw tracked(file)
  if (fate === 'ignored') return false
  const before = workdir.read(IGNORE) ?? ''
  const line = `/${file.replace(/^supabase\//, '')}`
  // Who has no repository yet may make one later.
  if (fate === 'no git' && before.split(/\r?\n/).some((one) => one.trim().replace(/^\//, '') === line.slice(1))) {
    return false
  }
  workdir.write(IGNORE, `${before.replace(/([^\n])$/, '$1\n')}${REASON}\n${line}\n`)
  if (!dry && fateOf(workdir.folder, file) === 'taken') throw takenAllTheSame(file)
  return true
}

/** Takes the lines away again that `keepFromGit` has added. */
export function forgetIgnored(workdir: Workdir): void {
  const before = workdir.read(IGNORE)
  if (before === undefined) return
  const lines = before.split('\n')
  const isReason = (line?: string) => line?.trimEnd() === REASON
  const kept = lines.filter((line, index) => !isReason(line) && !isReason(lines[index - 1])).join('\n')
  if (kept.trim() === '' && kept !== before) workdir.remove(IGNORE)
  else workdir.write(IGNORE, kept)
}

/** The first of these files that git does not have. @throws SupaqueueError SQ409 where it has them all */
export function outsideGit(workdir: Workdir, files: [string, ...string[]]): string {
  const found = files.find((file) => fateOf(workdir.folder, file) !== 'tracked')
  if (found === undefined) throw tracked(files[0])
  return found
}

/** Runs git, and says how it ended; 128 where there is none. What the folder's own settings would have it run, it does not run. */
function run(folder: string, args: string[]): number {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  try {
    // Also of somebody else's repository, as in a container that mounts one: all that could be run is switched off.
    const safe = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null']
    execFileSync('git', [...safe, ...args], {
      cwd: folder,
      env: { ...env, GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
      stdio: 'ignore',
      timeout: 20_000,
    })
    return 0
  } catch (reason) {
    return (reason as { status?: number | null }).status ?? 128
  }
}

const tracked = (file: string): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `git has ${file}: a secret written into it would go into the next commit`,
    `Nothing was written. Take it out of git, not off the disk (git rm --cached ${file}), put it into .gitignore, and run the same command again. What it held is in git's history.`,
  )

const takenAllTheSame = (file: string): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `git would take ${file} in spite of the line for it in ${IGNORE}`,
    `No secret was written. See which rule brings it back (git check-ignore -v ${file}), and run the same command again.`,
  )
