import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { applyDatabase } from '../database/apply.ts'
import { passing } from '../database/locks.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { readOwn } from '../place.ts'
import type { Database } from '../project/database.ts'
import { dependents } from '../project/dependents.ts'
import { occupantIn } from '../project/occupant.ts'

/** Where the published supaqueue is, and what of it is to come along. */
export type Published = {
  /** `supaqueue` while it is at work, `supaqueue_2024` once it was moved aside. */
  schema: 'supaqueue' | 'supaqueue_2024'
  /** Taken over before: only the installation is left to do. */
  moved: boolean
  queues: number
  workers: number
  waiting: number
  in_progress: number
  ended: number
  /** Of the user's own, what refers to it, and goes on to. */
  hangs: string[]
}

export type TakeOverOptions = {
  /** How long jobs in progress may take to end. */
  drainSeconds: number
  /** Jobs that are in progress even then are begun once more. */
  beginAgain: boolean
  progress(line: string): void
}

const ASIDE = 'supaqueue_2024'

/** Looks for the published supaqueue. Undefined where there is none. */
export async function findPublished(db: Database): Promise<Published | undefined> {
  const [place] = await db.query<{ schema: Published['schema'] | null; moved: boolean }>(
    `select
       case
         when ${occupantIn('supaqueue')} = 'published' then 'supaqueue'
         when ${occupantIn(ASIDE)} = 'published' then '${ASIDE}'
       end as schema,
       to_regclass('${ASIDE}.moved') is not null as moved`,
  )
  if (!place?.schema) return undefined
  const { schema, moved } = place
  const [counts] = await db.query<Omit<Published, 'schema' | 'moved' | 'hangs'>>(
    `select
       (select count(*)::int from ${schema}.queue) as queues,
       (select count(*)::int from ${schema}.worker) as workers,
       count(*) filter (where status is null or status = 'pending')::int as waiting,
       count(*) filter (where status = 'in_progress')::int as in_progress,
       count(*) filter (where status in ('success', 'failed'))::int as ended
     from ${schema}.job`,
  )
  const hangs = schema === 'supaqueue' ? (await dependents(db)).map(({ name }) => name) : []
  return { schema, moved, ...counts!, hangs }
}

export const noPublished = (): SupaqueueError =>
  new SupaqueueError(
    'SQ404',
    'there is no supaqueue of 2024 in this database',
    'Nothing was changed. To install without it: pnpm supaqueue:install.',
  )

/** What a person is told before it begins. */
export function planOf(published: Published, { drainSeconds, beginAgain }: TakeOverOptions): string[] {
  const { schema, moved, queues, workers, waiting, in_progress, ended, hangs } = published
  if (moved) return [`The supaqueue published in 2024 was taken over before; it is in the schema ${ASIDE}.`]
  const running = in_progress === 0 ? [] : [
    beginAgain
      ? `jobs in progress, ${in_progress} now, may end within ${drainSeconds} s; what has not is begun once more`
      : `jobs in progress, ${in_progress} now, end first, within ${drainSeconds} s; no other is begun meanwhile`,
  ]
  return [
    `The supaqueue published in 2024 is taken over: ${queues} queues, ${workers} workers, ${waiting} jobs that wait.`,
    ...[
      ...running,
      ...(schema === ASIDE ? [] : [`its schema is renamed ${ASIDE}, with all that is in it; nothing of it is dropped`]),
      'queues and workers keep their ids; jobs get a number, and supaqueue_2024.moved says which',
      `jobs that have ended, ${ended}, stay where they are`,
      ...hangs.map((name) => `yours, and goes on to refer to ${ASIDE}: ${name}`),
    ].map((line) => `  - ${line}`),
  ]
}

/** The statements, for who wants to see them first. */
export const statementsOf = ({ schema, moved }: Published): string[] =>
  moved ? [] : [...(schema === ASIDE ? [] : ['move_aside']), 'take_over'].map(readStatements)

const readStatements = (name: string): string => readOwn(`scripts/cli/published/${name}.sql`).trim()

/** Installs, and takes over what the published one has, in one transaction: whoever inserts a job meanwhile waits, and finds ours. */
export async function installOver(
  url: string,
  addons: string[],
  { schema, moved }: Published,
  options: TakeOverOptions,
): Promise<boolean> {
  const atWork = schema === 'supaqueue'
  return await applyDatabase(
    url,
    undefined,
    addons,
    moved ? {} : {
      around: {
        before: async (db) => {
          if (!atWork) return
          await lockAtRest(db, options)
          await db.query(readStatements('move_aside'))
        },
        after: async (db) => void await db.query(readStatements('take_over')),
      },
    },
  )
}

/** How often its tables are tried for, a tenth of a second each, before the transaction lets go of all it holds. */
const TRIES = 100

/**
 * Locks the tables of the published one at a moment when it has no job in progress. Until then we hold the rows of waiting jobs
 * and free workers, which it passes over: so nothing of it has to be changed for that, and nothing stays if we die. The tables
 * are tried for so shortly that nobody becomes the victim of a deadlock.
 */
async function lockAtRest(db: pg.Client, options: TakeOverOptions): Promise<void> {
  const deadline = Date.now() + options.drainSeconds * 1000
  for (let tried = 1;;) {
    await db.query(`select from supaqueue.job where status = 'pending' for update skip locked`)
    await db.query('select from supaqueue.worker where not locked for update skip locked')
    const count = await inProgress(db)
    const mayGoOn = count === 0 || options.beginAgain && Date.now() >= deadline
    if (mayGoOn && await mayLock(db, options.beginAgain, tried++ < TRIES)) return
    if (count > 0 && Date.now() >= deadline && !options.beginAgain) throw stillRunning(count)
    if (count > 0) options.progress(`${counted(count)} of the supaqueue published in 2024 in progress ...`)
    await pause(50 + Math.random() * 100)
  }
}

/** Says whether the tables are ours, with nothing begun since we looked. */
async function mayLock(db: pg.Client, beginAgain: boolean, mayFail: boolean): Promise<boolean> {
  await db.query('savepoint unlocked')
  try {
    await db.query(`set local lock_timeout = '100ms'`)
    await db.query(
      'lock table supaqueue.queue, supaqueue.worker, supaqueue.job, supaqueue.current_job in access exclusive mode',
    )
    if (beginAgain || await inProgress(db) === 0) return true
  } catch (reason) {
    if (passing(reason) === undefined || !mayFail) throw reason
  }
  await db.query('rollback to savepoint unlocked')
  return false
}

async function inProgress(db: pg.Client): Promise<number> {
  const { rows } = await db.query(`select count(*)::int as count from supaqueue.job where status = 'in_progress'`)
  return rows[0].count
}

const counted = (count: number): string => count === 1 ? 'one job' : `${count} jobs`

const stillRunning = (count: number): SupaqueueError =>
  new SupaqueueError(
    'SQ409',
    `${count === 1 ? 'one job' : `${count} jobs`} of the supaqueue published in 2024 ${
      count === 1 ? 'is' : 'are'
    } still in progress`,
    'Nothing was changed. Give them longer (--drain-seconds 400). Whose dispatcher died stay so for ever: --begin-again has those begun once more, ' +
      'which may be twice for a job that is still at work.',
  )
