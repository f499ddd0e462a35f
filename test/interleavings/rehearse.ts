import type { Harness } from '../support/harness.ts'
import { explore, type Search } from './explore.ts'
import { countEqual } from './order.ts'
import { beginScene, comeToRest, finishCalls, type Run } from './platform.ts'
import { play, type Played } from './play.ts'
import type { Script } from './script.ts'
import type { Stage } from './stage.ts'
import { callsInVain, whatIsWrong } from './wrong.ts'

/** What is on the stage when an interleaving begins. */
export type Scene = {
  queue: string
  scripts: Script[]
  runs: Run[]
  /** No lease can have run out once a run has it: whatever a run calls must still be its own when the sessions are over. */
  keepsClaims?: true
}

export type Scenario = {
  title: string
  /** More interleavings than every run of the tests can play: it plays some of them, by chance. */
  large?: boolean
  /** How many steps there are depends on the clock, so no interleaving can be played again: only by chance. */
  timed?: boolean
  set: (harness: Harness) => Promise<Scene>
}

export type Findings = {
  /** Interleavings that were played to their end. */
  played: number
  /** How many they stand for: all that differ from one of them only in what nobody notices. */
  standFor: bigint
  /** Given up half-way, because the rest was the same as one already played. */
  cut: number
  /** Whether none was left out. */
  complete: boolean
  /** The first interleaving in which something was wrong. */
  fault?: { what: string; moves: string[] }
}

/** Plays the interleavings of a scenario until something is wrong in one, or the search has no more. */
export async function rehearse(stage: Stage, scenario: Scenario, search: Search = explore): Promise<Findings> {
  const findings: Findings = { played: 0, standFor: 0n, cut: 0, complete: false }
  try {
    findings.complete = await search(async (choose) => {
      beginScene(scenario.title)
      const scene = await scenario.set(stage.harness)
      try {
        const played = await play({ ...stage, scripts: scene.scripts }, choose)
        if (!played.whole) {
          findings.cut++
          return played
        }
        findings.played++
        findings.standFor += countEqual(played.moves)
        const what = await look(stage.harness, scene, played)
        if (what) throw new Wrong(what, played.moves.map(({ label }) => label))
        return played
      } finally {
        await strike(stage.harness, scene.queue)
      }
    })
  } catch (reason) {
    if (!(reason instanceof Wrong)) throw reason
    findings.fault = { what: reason.message, moves: reason.moves }
  }

  return findings
}

class Wrong extends Error {
  moves: string[]
  constructor(message: string, moves: string[]) {
    super(message)
    this.moves = moves
  }
}

/** What is wrong: in what the sessions met, once nothing moves any more, or once all calls have returned. */
async function look(
  harness: Harness,
  { queue, runs, keepsClaims }: Scene,
  { problems }: Played,
): Promise<string | undefined> {
  if (problems.length > 0) return problems.join('; ')
  if (keepsClaims && await callsInVain(harness, queue, runs)) return 'a run calls a job that was taken back from it'
  await comeToRest(harness, queue, runs)
  const wrong = await whatIsWrong(harness, queue, runs)
  if (wrong) return wrong
  await finishCalls(harness, queue, runs)
  return await whatIsWrong(harness, queue, runs) ?? await whatIsLeft(harness, queue, runs)
}

/** What the sweep has to do with notes about dependencies, and what is wrong after that. */
async function whatIsLeft(harness: Harness, queue: string, runs: Run[]): Promise<string | undefined> {
  const { rows: [{ noted }] } = await harness.db.query('select supaqueue_internal.look_again() as noted')
  if (noted === 0) return undefined
  await comeToRest(harness, queue, runs)
  await finishCalls(harness, queue, runs)
  const { rows } = await harness.db.query('select job from supaqueue.unsettled')
  return rows.length > 0 ? 'a note is never settled' : await whatIsWrong(harness, queue, runs)
}

async function strike(harness: Harness, queue: string): Promise<void> {
  await harness.db.query('delete from supaqueue.queue where id = $1', [queue])
  await harness.db.query('delete from net.http_request_queue')
}
