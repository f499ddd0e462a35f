import { expect, test } from 'vitest'
import type { Storm } from './storm.ts'

// What must hold of every storm.

export function everyJobRanOnce(result: () => Storm) {
  everyJobRan(result)

  test('no job ran twice', () => {
    expect(result().repeats).toEqual([])
  })

  nothingElse(result)
}

export function everyJobRan(result: () => Storm) {
  test('every committed job of a living queue ran, and succeeded', () => {
    const { drained, left, findings: { neverRan, wrongEnd, lockedWorkers }, seed } = result()
    expect({ seed, drained, left, neverRan, wrongEnd, lockedWorkers })
      .toEqual({ seed, drained: true, left: [], neverRan: [], wrongEnd: [], lockedWorkers: [] })
  })
}

export function nothingElse(result: () => Storm) {
  test('no queue ever had more calls at once than workers', () => {
    expect(result().findings.crowds).toEqual([])
  })

  test('jobs of an ordered key ran one after the other, retries included, in the order in which they came', () => {
    expect(result().findings.outOfOrder).toEqual([])
  })

  test('nothing ran before its time', () => {
    expect(result().findings.tooEarly).toEqual([])
  })

  test('nothing ran that was rolled back', () => {
    expect(result().findings.neverCommitted).toEqual([])
  })

  test('no client met an error or a warning, and the server logged no deadlock, no serialization error, no warning', () => {
    const { errors, warnings, logged } = result()
    expect({ errors, warnings, logged }).toEqual({ errors: [], warnings: [], logged: [] })
  })
}

/** The jobs that ran more often than once, and once more for each time that somebody who had them was killed. */
export const ranTooOften = ({ repeats }: Storm, killedWith: number[][]): Storm['repeats'] =>
  repeats.filter(({ job, visits }) => visits.length > 1 + killedWith.filter((jobs) => jobs.includes(job)).length)
