import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url))

// What it measures is nobody's business here: only that it does.
const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', program, ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )

describe('bench', () => {
  test('measures a scenario and prints its figures for a program to read', async () => {
    const { code, stdout, stderr } = await bench('--quick', '--rounds', '1', '--only', 'enqueue', '--json')

    expect(stderr).not.toContain('broke')
    expect(code).toBe(0)
    const { facts, scenarios: [enqueue], broken } = JSON.parse(stdout)
    expect(broken).toEqual([])
    expect(facts.machine.cores).toBeGreaterThan(0)
    expect(enqueue.name).toBe('enqueue')
    expect(enqueue.samples.single.awake).toEqual([expect.any(Number)])
    expect(enqueue.targets.map((target: { held: unknown }) => typeof target.held)).not.toContain('undefined')
  })

  test('says which scenarios there are when asked for one that is not', async () => {
    const { code, stderr } = await bench('--only', 'enqueu')

    expect(code).toBe(2)
    expect(stderr).toContain('There are: throughput, ')
  })
})
