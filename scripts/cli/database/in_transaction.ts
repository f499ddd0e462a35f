import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { holders, passing, stillLocked } from './locks.ts'
import { UNTIMED } from './untimed.ts'

/** What is to be done; `told` is to hear the tables that it wants for itself, `lines` is said once all of it is done. */
export type Try<T> = (told: (tables: string[]) => void, lines: string[]) => Promise<T>

/** Does it, or nothing, and then waits until another try is worth it: undefined. */
export async function inTransaction<T>(
  db: pg.ClientBase,
  say: (line: string) => void,
  deadline: number,
  work: Try<T>,
): Promise<T | undefined> {
  let wanted: string[] = []
  const lines: string[] = []
  try {
    await db.query(`begin; ${UNTIMED}`)
    const result = await work((tables) => wanted = tables, lines)
    // Where no event trigger of the platform does, nobody else tells the Data API what has changed.
    await db.query(`notify pgrst, 'reload schema'`)
    await db.query('commit')
    for (const line of lines) say(line)
    return result
  } catch (reason) {
    await db.query('rollback')
    const met = passing(reason)
    if (met === undefined) throw reason
    const told = new Set<string>()
    for (;;) {
      const held = await holders(db, wanted, 1500)
      if (Date.now() > deadline) throw stillLocked(met, held)
      await pause(50 + Math.random() * 200)
      // Behind a long transaction every try would only make others wait.
      if (held.length === 0) return undefined
      // Who ends may leave another one in the way.
      const who = held[0]!.replace(/ in a transaction that began .*$/, '')
      if (!told.has(who)) say(`waiting: ${held[0]}`)
      told.add(who)
    }
  }
}
