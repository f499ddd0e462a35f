import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

describe('a queue that is deleted', () => {
  test.for(['in progress', 'pending'])(
    'while somebody holds a job that is %s waits for that, and holds no worker meanwhile',
    async (what, { house, another }) => {
      const queue = await house.queue({ workers: 1 })
      await house.turn(randomUUID(), queue)
      const [begun, waiting] = await house.jobs(queue, 2)
      await house.take(randomUUID(), queue)
      const { worker } = await house.currentJob(begun!)
      const [user, owner] = [await another(), await another()]
      await user.begin()
      await user.hold('job', what === 'pending' ? waiting! : begun!)

      const deleted = owner.delete('queue', queue)
      await until(() => house.isBlocked(owner))
      await user.impatient()
      await user.hold('worker', worker)
      await user.commit()
      await deleted

      expect(await house.jobRow(begun!)).toBeUndefined()
    },
  )

  test('goes for whoever may delete queues, though he may touch no other table', async ({ house, another }) => {
    const queue = await house.queue({ workers: 1, paused: true })
    const [job] = await house.jobs(queue, 2)
    const role = `janitor_${randomUUID().replaceAll('-', '')}`
    const janitor = await another('admin')
    await janitor.db.query(`
      begin;
      create role ${role};
      grant usage on schema supaqueue to ${role};
      grant select, delete on supaqueue.queue to ${role};
      create policy janitor on supaqueue.queue to ${role} using (true);
      set local role ${role}`)

    await janitor.delete('queue', queue)

    await janitor.db.query('reset role')
    expect(await janitor.jobRow(job!)).toBeUndefined()
    await janitor.rollback()
  })
})
