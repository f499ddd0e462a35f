import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Deps } from '../deps.ts'
import { expectRef, projectRef } from './values.ts'
import { openFolder } from './folder.ts'

/** What may be remembered for the next time. Nothing secret. */
type Remembered = { projectRef?: string }

const TOKEN = /^sbp_(oauth_)?[a-f0-9]{40}$/

/** The project's ref: from the command line, the environment, or whoever sits there. */
export async function askForRef(deps: Deps, given: string | undefined): Promise<string> {
  const known = given ?? deps.env.SUPABASE_PROJECT_ID
  if (known) return expectRef(known)
  const offered = [recall(deps).projectRef, linkedRef(deps)].find((ref) => projectRef.safeParse(ref).success)
  const answer = await ask(
    deps,
    `Project ref${offered ? ` [${offered}]` : ''}: `,
    '--project-ref or SUPABASE_PROJECT_ID; for the one that runs on this machine: --local',
  )
  return expectRef(answer || offered || '')
}

/** The access token of the Management API: from the environment, from `supabase login`, or asked for. */
export async function askForToken(deps: Deps): Promise<string> {
  const known = deps.env.SUPABASE_ACCESS_TOKEN || savedToken(deps)
  const token = known ?? await askSecret(deps, 'Access token (Account, Access Tokens): ', 'SUPABASE_ACCESS_TOKEN')
  if (TOKEN.test(token)) return token
  throw new SupaqueueError(
    'SQ422',
    'the access token is not one: it begins with sbp_ and has forty hexadecimal digits',
    'Make one under Account, Access Tokens, and set SUPABASE_ACCESS_TOKEN; or run: pnpm supabase login.',
  )
}

/** The password of the role `postgres`. Never kept. */
export async function askForPassword(deps: Deps): Promise<string> {
  const password = deps.env.SUPABASE_DB_PASSWORD ||
    await askSecret(deps, 'Database password: ', 'SUPABASE_DB_PASSWORD, or --db-url')
  if (password !== '') return password
  throw new SupaqueueError(
    'SQ422',
    'the database password is empty',
    'It can be reset under Project Settings, Database.',
  )
}

/** Kept for the next time it is asked for. */
export function remember(deps: Deps, answers: Remembered): void {
  openFolder(deps.cwd).write(MEMORY, `${JSON.stringify(answers, null, 2)}\n`)
}

const MEMORY = '.supaqueue/answers.json'

function recall(deps: Deps): Remembered {
  try {
    return z.object({ projectRef: projectRef.optional() }).parse(JSON.parse(openFolder(deps.cwd).read(MEMORY) ?? '{}'))
  } catch {
    return {}
  }
}

// Written by `supabase link`.
function linkedRef(deps: Deps): string | undefined {
  try {
    return openFolder(deps.cwd).read('supabase/.temp/project-ref')?.trim()
  } catch {
    return undefined
  }
}

// Written by `supabase login` where there is no keyring.
const savedToken = (deps: Deps): string | undefined =>
  readLine(join(deps.env.SUPABASE_HOME ?? join(homedir(), '.supabase'), 'access-token'))

const readLine = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined

async function ask(deps: Deps, question: string, instead: string): Promise<string> {
  if (!deps.interactive) throw unanswered(question, instead)
  return await deps.ask(question)
}

async function askSecret(deps: Deps, question: string, instead: string): Promise<string> {
  if (!deps.interactive) throw unanswered(question, instead)
  return await deps.askSecret(question)
}

const unanswered = (question: string, instead: string) =>
  new SupaqueueError('SQ422', `there is no terminal to ask on: ${question.trim()}`, `Set ${instead}.`)
