import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { admitted, allow, openQueue } from '../../../support/door.ts'
import { test } from '../../../support/house.ts'
import { refusal } from '../../../support/refusal.ts'

describe('revoke', () => {
  test('closes a queue, and says whether it was open', async ({ house }) => {
    const queue = await openQueue(house)

    expect(await ask(house, 'revoke', { queue, role: 'anon' })).toBe(false)
    expect(await ask(house, 'revoke', { queue, role: 'authenticated' })).toBe(true)
    expect(await ask(house, 'revoke', { queue, role: 'authenticated' })).toBe(false)
  })

  test('takes the functions away from a role with its last queue, and not before', async ({ house }) => {
    const one = await openQueue(house)
    const other = await openQueue(house)

    await ask(house, 'revoke', { queue: one, role: 'authenticated' })
    const before = await admitted(house)
    await ask(house, 'revoke', { queue: other, role: 'authenticated' })

    expect(before).toEqual(['authenticated'])
    expect(await admitted(house)).toEqual([])
  })

  test('without a role closes it to both', async ({ house }) => {
    const queue = await openQueue(house)
    await allow(house, queue, {}, 'anon')

    await ask(house, 'revoke', { queue })

    expect(await admitted(house)).toEqual([])
  })

  test('refuses a queue that is not there', async ({ house }) => {
    expect(await refusal(ask(house, 'revoke', { queue: 'nowhere' }))).toMatchObject({ code: 'SQ404' })
  })
})
