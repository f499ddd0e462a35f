import { expect, test } from 'vitest'
import { setStage } from './stage.ts'

test('a session that pauses waits to be let go on, however little its function waits for locks', async () => {
  const { actors: [actor], conductor, close } = await setStage()
  try {
    actor!.begin(`set lock_timeout = '1ms'; select interleaving.pause('here')`)
    await actor!.next()
    expect(actor!.reached()).toEqual({ kind: 'paused', label: 'here' })

    // As long as a machine that stands still.
    await conductor.query('select pg_sleep(0.2)')
    expect(actor!.reached()).toEqual({ kind: 'paused', label: 'here' })

    await actor!.resume()
    await actor!.next()
    expect(actor!.reached()).toMatchObject({ kind: 'answered' })
  } finally {
    await close()
  }
})
