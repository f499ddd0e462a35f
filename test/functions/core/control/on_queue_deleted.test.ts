import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

describe('a queue that is deleted', () => {
  test.for(['in progress', 'pending'])(
    'while somebody holds a job that is %s waits for that, and holds no worker meanwhile',
    async (what, { harness, another }) => {
      const queue = await harness.queue({ workers: 1 })
      await harness.turn(randomUUID(), queue)
      const [begun, waiting] = await harness.jobs(queue, 2)
      await harness.take(randomUUID(), queue)
      const { worker } = await harness.currentJob(begun!)
      const [user, owner] = [await another(), await another()]
      await user.begin()
      await user.hold('job', what === 'pending' ? waiting! : begun!)

      const deleted = owner.delete('queue', queue)
      await until(() => harness.isBlocked(owner))
      await user.impatient()
      await user.hold('worker', worker)
      await user.commit()
      await deleted

      expect(await harness.jobRow(begun!)).toBeUndefined()
    },
  )

  test('goes for whoever may delete queues, though he may touch no other table', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1, paused: true })
    const [job] = await harness.jobs(queue, 2)
    const role = `janitor_${randomUUID().replaceAll('-', '')}`
    const janitor = await another('admin')
    await janitor.db.query(`
      begin;
      create role ${role};
      create policy janitor on supaqueue.queue to ${role} using (true);
      grant usage on schema supaqueue to ${role};
      grant select, delete on supaqueue.queue to ${role};
      set local role ${role}`)

    await janitor.delete('queue', queue)

    await janitor.db.query('reset role')
    expect(await janitor.jobRow(job!)).toBeUndefined()
    await janitor.rollback()
  })
})
