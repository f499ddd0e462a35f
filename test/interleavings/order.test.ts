import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore, type PlayOne } from './explore.ts'
import { type Footprint, withStep } from './footprint.ts'
import { countEqual } from './order.ts'
import type { Move } from './play.ts'

type Toy = { does: 'look' | 'write' | 'try' | 'end'; at: string }

/**
 * Transactions in memory, with what the database has: writes that nobody sees before the end, rows that are passed over
 * while somebody else has them. Returns what each saw and what is there in the end.
 */
function play(programs: Toy[][], choose: Parameters<PlayOne>[0]) {
  const there: Record<string, string> = {}
  const holders: Record<string, number> = {}
  const seen: string[] = []
  const done = programs.map(() => 0)
  const own: Record<string, string>[] = programs.map(() => ({}))
  const releases: Footprint[] = programs.map(() => ({}))
  const moves: Move[] = []

  const touches = (actor: number, { does, at }: Toy): Footprint => {
    if (does === 'end') return { ends: true, releases: releases[actor]! }
    return does === 'look' ? { reads: [at] } : does === 'write' ? { adds: [at] } : { reads: [at], locks: [at] }
  }

  while (true) {
    const possible = programs.flatMap((program, actor): Move[] => {
      const toy = program[done[actor]!]
      return toy ? [{ actor, label: `${actor} ${done[actor]}`, touches: touches(actor, toy) }] : []
    })
    if (possible.length === 0) break
    const actor = choose(possible)
    if (actor === undefined) return { moves, whole: false, outcome: '' }
    const toy = programs[actor]![done[actor]!++]!
    moves.push(possible.find((move) => move.actor === actor)!)
    releases[actor] = withStep(releases[actor]!, moves.at(-1)!.touches)
    const mark = `${actor}.${done[actor]}`
    if (toy.does === 'look') seen.push(`${mark} saw ${own[actor]![toy.at] ?? there[toy.at]}`)
    if (toy.does === 'write') own[actor]![toy.at] = mark
    if (toy.does === 'try' && (holders[toy.at] ?? actor) === actor) {
      holders[toy.at] = actor
      seen.push(`${mark} has ${there[toy.at]}`)
      own[actor]![toy.at] = mark
    }
    if (toy.does === 'end') {
      Object.assign(there, Object.fromEntries(Object.keys(own[actor]!).map((at) => [at, 'written'])))
      for (const at in holders) if (holders[at] === actor) delete holders[at]
      own[actor] = {}
      releases[actor] = {}
    }
  }
  return { moves, whole: true, outcome: [...seen, ...Object.keys(there)].sort().join('; ') }
}

/** A play in which the machine stands still, so that from a depth on other moves are possible than in any other play. */
type Stall = { play: number; depth: number }

async function outcomes(programs: Toy[][], reduced: boolean, stall?: Stall) {
  let nth = 0
  const found = new Set<string>()
  let played = 0
  let standFor = 0n
  await explore((chooseOf) => {
    const stalls = ++nth === stall?.play
    let depth = 0
    const choose: typeof chooseOf = (possible) =>
      chooseOf(
        stalls && depth++ >= stall.depth
          ? possible.map((move) => ({ ...move, label: `${move.label}, late` }))
          : possible,
      )
    const { moves, whole, outcome } = play(
      programs,
      reduced ? choose : (possible) => choose(possible.map((move) => ({ ...move, touches: { all: true } }))),
    )
    if (whole) {
      found.add(outcome)
      played++
      standFor += countEqual(moves)
    }
    const told = reduced ? moves : moves.map((move) => ({ ...move, touches: { all: true as const } }))
    return Promise.resolve({ moves: told, whole, problems: [] })
  })
  return { found: [...found].sort(), played, standFor }
}

const toy = fc.record({
  does: fc.constantFrom<Toy['does']>('look', 'write', 'try', 'end'),
  at: fc.constantFrom('a', 'b'),
})
const program = fc.array(toy, { minLength: 1, maxLength: 4 }).map((
  steps,
) => [...steps, { does: 'end' as const, at: '' }])

describe('leaving out interleavings that are the same', () => {
  test('leaves out no outcome, and counts how many it left out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(program, { minLength: 2, maxLength: 3 }), async (programs) => {
        fc.pre(programs.flat().length <= 9)
        const whole = await outcomes(programs, false)
        const reduced = await outcomes(programs, true)

        expect(reduced.found).toEqual(whole.found)
        expect(reduced.standFor).toBe(BigInt(whole.played))
      }),
      { numRuns: 60 },
    )
  })

  test('leaves out none when the machine stands still in one play, and no other goes as that one went', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(program, { minLength: 2, maxLength: 3 }),
        fc.record({ play: fc.integer({ min: 1, max: 6 }), depth: fc.integer({ min: 0, max: 6 }) }),
        async (programs, stall) => {
          fc.pre(programs.flat().length <= 8)

          const { found } = await outcomes(programs, true, stall)

          expect(found).toEqual((await outcomes(programs, true)).found)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('plays one of all when nobody notices anybody', async () => {
    const alone = (at: string): Toy[] => [{ does: 'try', at }, { does: 'look', at }, { does: 'end', at }]

    const { played, standFor } = await outcomes([alone('a'), alone('b')], true)

    expect({ played, standFor }).toEqual({ played: 1, standFor: 20n })
  })
})
