import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, allow, openQueue } from '../../../support/door.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('revoke', () => {
  test('closes a queue, and says whether it was open', async ({ harness }) => {
    const queue = await openQueue(harness)

    expect(await ask(harness, 'revoke', { queue, role: 'anon' })).toBe(false)
    expect(await ask(harness, 'revoke', { queue, role: 'authenticated' })).toBe(true)
    expect(await ask(harness, 'revoke', { queue, role: 'authenticated' })).toBe(false)
  })

  test('takes the functions away from a role with its last queue, and not before', async ({ harness }) => {
    const one = await openQueue(harness)
    const other = await openQueue(harness)

    await ask(harness, 'revoke', { queue: one, role: 'authenticated' })
    const before = await admitted(harness)
    await ask(harness, 'revoke', { queue: other, role: 'authenticated' })

    expect(before).toEqual(['authenticated'])
    expect(await admitted(harness)).toEqual([])
  })

  test('without a role closes it to both', async ({ harness }) => {
    const queue = await openQueue(harness)
    await allow(harness, queue, {}, 'anon')

    await ask(harness, 'revoke', { queue })

    expect(await admitted(harness)).toEqual([])
  })

  test('refuses a queue that is not there', async ({ harness }) => {
    expect(await refusal(ask(harness, 'revoke', { queue: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
  })
})
