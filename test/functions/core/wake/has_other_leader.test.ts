import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

describe('has_other_leader', () => {
  test('lets a run that finds nothing leave while another keeps the queue awake', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    await harness.turn(randomUUID(), queue)

    const { state } = await harness.turn(randomUUID(), queue)

    expect(state).toBe('leave')
  })

  test('keeps a run from leaving while the leader is falling asleep', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const leader = randomUUID()
    await harness.turn(leader, queue)
    const other = await another()
    await other.db.query('begin')
    await other.sleep(queue, leader)

    const { state, leader: keeps } = await harness.turn(randomUUID(), queue)
    await other.db.query('commit')

    expect({ state, keeps }).toEqual({ state: 'awake', keeps: false })
  })

  test('keeps the leader from falling asleep until the run that leaves has committed', async ({ harness, another }) => {
    const queue = await harness.queue({ workers: 1 })
    const leader = randomUUID()
    await harness.turn(leader, queue)
    const other = await another()
    await other.db.query('begin')
    await other.turn(randomUUID(), queue)

    const before = await harness.turn(leader, queue, { sleepy: true })
    await other.db.query('commit')
    const after = await harness.turn(leader, queue, { sleepy: true })

    expect([before.state, after.state]).toEqual(['awake', 'asleep'])
  })
})
