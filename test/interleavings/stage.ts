import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { functionFiles, type SqlFile } from '../../scripts/cli/database/files.ts'
import { testDatabase } from '../support/database.ts'
import { type Harness, harness as makeHarness } from '../support/harness.ts'
import { type Actor, makeActor } from './actor.ts'
import type { Footprint } from './footprint.ts'
import { instrument } from './instrument.ts'

const ACTORS = 4

/** A database whose functions stop at every statement, and the sessions to explore it with. */
export type Stage = {
  harness: Harness
  actors: Actor[]
  conductor: pg.Client
  pauses: Map<string, Footprint>
  close(): Promise<void>
}

/** A line of a function to do without, or to write in another way. */
export type Mutation = { file: string; replace: string; by: string }

/** Sets the stage with the functions as they are, or with mutations of them. */
export async function setStage(mutations: Mutation[] = []): Promise<Stage> {
  const database = await testDatabase()
  const conductor = await database.connect('admin')
  const owner = await database.connect('owner')
  const { sql, pauses } = instrument(mutate(functionFiles(), mutations))
  await conductor.query(readFileSync(new URL('pause.sql', import.meta.url), 'utf8'))
  await owner.query(`set client_min_messages = warning; set check_function_bodies = off; begin; ${sql}; commit`)
  // A circle of sessions that wait is a fault to be shown, not to be waited for.
  await conductor.query(`alter role authenticator in database ${database.name} set deadlock_timeout = '100ms'`)
  const actors = []
  for (let number = 0; number < ACTORS; number++) actors.push(await makeActor(database, number, conductor))
  return {
    harness: makeHarness(await database.connect()),
    actors,
    conductor,
    pauses,
    close: () => database.drop(),
  }
}

function mutate(files: SqlFile[], mutations: Mutation[]): SqlFile[] {
  const mutated = files.map((file) => ({ ...file }))
  for (const { file, replace, by } of mutations) {
    const found = mutated.find(({ name }) => name === file)
    if (!found?.sql.includes(replace)) throw new Error(`${file} does not say: ${replace}`)
    found.sql = found.sql.replace(replace, by)
  }
  return mutated
}
