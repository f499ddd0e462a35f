import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { setStage } from './stage.ts'

test('a session that pauses waits to be let go on, however little its function waits for locks', async () => {
  const { actors: [actor], conductor, close } = await setStage()
  try {
    actor!.begin(`set lock_timeout = '1ms'; select interleaving.pause('here')`)
    await actor!.next()
    expect(actor!.reached()).toEqual({ kind: 'paused', label: 'here' })

    // Longer than its function would.
    await until(async () => {
      const { rows } = await conductor.query(
        `select from pg_locks where pid = $1 and not granted and clock_timestamp() > waitstart + interval '50 ms'`,
        [actor!.pid],
      )
      return rows.length > 0 || actor!.reached()?.kind !== 'paused'
    })
    expect(actor!.reached()).toEqual({ kind: 'paused', label: 'here' })

    await actor!.resume()
    await actor!.next()
    expect(actor!.reached()).toMatchObject({ kind: 'answered' })
  } finally {
    await close()
  }
})
