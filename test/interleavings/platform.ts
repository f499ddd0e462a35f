import { randomUUID } from 'node:crypto'
import type { Answer, Harness, Report, Token } from '../support/harness.ts'

/** A run of the dispatcher as far as the database can tell it from another. */
export type Run = {
  id: string
  /** What it takes its turns by: the function of the Data API, or that of a connection of its own. */
  by: 'public.supaqueue_turn' | 'supaqueue_internal.direct_turn'
  state: Answer['state']
  leader: boolean
  /** What it is calling. */
  holds: Set<Token>
  /** What it has to report once more. */
  again: Report[]
  /** Got nothing in its last turn. */
  idle: boolean
  stopped: boolean
  retired: boolean
  /** When it comes back for a planned job, and whether it has taken a turn. */
  backAt?: number
  told: boolean
  hear(request: Record<string, unknown>, answer: Answer): void
}

const CONCURRENCY = 25

// Every other run of a scene takes its turns over a connection: both ways are played, beside each other as well.
let made = 0

/** The runs of a scene are made from here on. The same ones each time, or what was played once could not be played again. */
export function beginScene(title: string): void {
  made = title.length
}

export function makeRun(): Run {
  const run: Run = {
    id: randomUUID(),
    by: made++ % 2 === 0 ? 'public.supaqueue_turn' : 'supaqueue_internal.direct_turn',
    state: 'awake',
    leader: false,
    holds: new Set(),
    again: [],
    idle: false,
    stopped: false,
    retired: false,
    told: false,
    hear(request, answer) {
      const reports = (request.reports ?? []) as Report[]
      for (const { token } of reports) run.holds.delete(token)
      for (const { current_job } of answer.jobs) run.holds.add(current_job.id)
      run.again = reports.filter(({ token }) => answer.again.includes(token))
      run.state = answer.state
      run.leader = answer.leader
      run.idle = answer.jobs.length === 0
      run.stopped ||= request.stop === true
      run.retired ||= request.retire === true
      run.backAt = answer.back_in_ms ? performance.now() + answer.back_in_ms : undefined
      run.told = true
    },
  }
  return run
}

/**
 * Plays the platform until nothing moves any more: every wake-up starts a run, every run takes the turns its dispatcher
 * would take, and goes to sleep or leaves when it is told to. Calls do not return meanwhile. No sweep.
 *
 * Takes new runs into `runs`.
 */
export async function comeToRest(harness: Harness, queue: string, runs: Run[]): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const wakeUps = await takeWakeUps(harness, queue)
    for (let wake = 0; wake < wakeUps; wake++) runs.push(makeRun())
    const polling = runs.filter(polls)
    if (polling.length === 0) return
    for (const run of polling) await turn(harness, queue, run)
  }
  throw new Error('the runs never come to rest')
}

/** All calls that are under way return, and those they make room for, until none is. */
export async function finishCalls(harness: Harness, queue: string, runs: Run[]): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const calling = runs.filter(({ holds }) => holds.size > 0)
    if (calling.length === 0) return
    for (const run of calling) {
      await turn(harness, queue, run, [...run.holds].map((token) => ({ token, outcome: 'success' })))
    }
    await comeToRest(harness, queue, runs)
  }
  throw new Error('the calls never end')
}

/** As `dueIn` of the dispatcher's run has it: the leader looks, and any other when none of its calls is under way. */
const polls = ({ state, leader, holds, again, stopped, backAt = Infinity }: Run) =>
  again.length > 0 ||
  !stopped && (state === 'awake' ? leader || holds.size === 0 : backAt <= performance.now())

async function turn(harness: Harness, queue: string, run: Run, reports: Report[] = []): Promise<void> {
  const due = [...run.again, ...reports]
  const sleepy = run.leader && run.idle && due.length === 0
  const request = {
    reports: due,
    room: run.stopped ? 0 : CONCURRENCY - run.holds.size,
    sleepy,
    ...((sleepy || !run.told) && { back_in_ms: 30_000 }),
    retire: run.retired,
    stop: run.stopped,
  }
  run.hear(request, await harness.turn(run.id, queue, request))
}

async function takeWakeUps(harness: Harness, queue: string): Promise<number> {
  const { rowCount } = await harness.db.query(
    `delete from net.http_request_queue where convert_from(body, 'utf8')::jsonb ->> 'queue' = $1`,
    [queue],
  )
  return rowCount ?? 0
}
