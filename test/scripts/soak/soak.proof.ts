import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../../scripts/soak/balance.ts'
import { run } from './support/run.ts'

describe('pnpm soak', () => {
  test('under load and faults loses nothing, and balances its books', async () => {
    const { code, stdout, stderr } = await run(['--minutes', '0.15', '--seed', '7', '--json'])

    const ledger: Ledger = JSON.parse(stdout)
    // First, since it says what did not balance.
    const { findings, ran_again: { unexplained }, accidents } = ledger
    expect({ ...findings, unexplained, accidents }).toEqual({
      ...Object.fromEntries(Object.keys(findings).map((name) => [name, []])),
      unexplained: [],
      accidents: [],
    })
    expect(ledger).toMatchObject({ balanced: true, seed: 7, lost: 0 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(ledger.in).toBeGreaterThan(100)
    expect(ledger.done + ledger.failed + ledger.gone_with_their_queue).toBe(ledger.in)
    expect(ledger.failed).toBeGreaterThan(0)
    expect(Object.keys(ledger.faults).length).toBeGreaterThan(2)
    expect(ledger.memory.map(({ process }) => process)).toContain('dispatcher')
    expect(ledger.tables.map(({ table }) => table)).toContain('supaqueue.job')
  })

  test('interrupted, stops the load and balances its books all the same', async () => {
    const { code, stdout } = await run(['--minutes', '60', '--seed', '1'], /rolled back \d+/)

    expect(code).toBe(0)
    expect(stdout).toMatch(/^The ledger balances\.$/m)
  })
})
