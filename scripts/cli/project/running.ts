import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { keep } from '../place.ts'
import { findProject } from './find_project.ts'

/** A project that `supaqueue dev` runs on this machine. */
export type Running = { databaseUrl: string; functionsUrl: string; pid: number }

const running = z.object({ databaseUrl: z.string(), functionsUrl: z.string(), pid: z.number().int().positive() })

/** Among what is kept for this user, and not in the project's folder: it has a password, and that folder is in git. */
const folder = () => join(keep, 'running')
const fileOf = (project: string): string =>
  join(folder(), `${createHash('sha256').update(realpathSync(project)).digest('hex').slice(0, 16)}.json`)

/** Has other commands find it; what is returned ends that. */
export function noteRunning(project: string, at: Running): () => void {
  const file = fileOf(project)
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  rmSync(file, { force: true })
  writeFileSync(file, JSON.stringify(at), { mode: 0o600, flag: 'wx' })
  return () => rmSync(file, { force: true })
}

/** The one of the project that is meant from here, if `supaqueue dev` runs it. */
export function findRunning(cwd: string): Running | undefined {
  try {
    const found = running.parse(JSON.parse(readFileSync(fileOf(findProject(cwd)), 'utf8')))
    return isAlive(found.pid) ? found : undefined
  } catch (reason) {
    // Which of several projects is meant has to be said.
    if (reason instanceof SupaqueueError && reason.code === 'SQ422') throw reason
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (reason) {
    // It is another user's.
    return (reason as NodeJS.ErrnoException).code === 'EPERM'
  }
}
