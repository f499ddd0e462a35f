import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../scripts/soak/balance.ts'
import { root } from '../support/markdown.ts'

describe('pnpm soak', () => {
  test('under load and faults loses nothing, and balances its books', async () => {
    const { code, stdout, stderr } = await run(['--minutes', '0.15', '--seed', '7', '--json'])

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const ledger: Ledger = JSON.parse(stdout)
    expect(ledger).toMatchObject({ balanced: true, seed: 7, lost: 0, accidents: [] })
    expect(ledger.in).toBeGreaterThan(100)
    expect(ledger.done + ledger.failed + ledger.gone_with_their_queue).toBe(ledger.in)
    expect(ledger.failed).toBeGreaterThan(0)
    expect(ledger.ran_again.unexplained).toEqual([])
    expect(Object.keys(ledger.faults).length).toBeGreaterThan(2)
    expect(ledger.memory.map(({ process }) => process)).toContain('dispatcher')
    expect(ledger.tables.map(({ table }) => table)).toContain('supaqueue.job')
  }, 170_000)

  test('interrupted, stops the load and balances its books all the same', async () => {
    const { code, stdout } = await run(['--minutes', '60', '--seed', '1'], /rolled back \d+/)

    expect(code).toBe(0)
    expect(stdout).toMatch(/^The ledger balances\.$/m)
  }, 170_000)

  test('refuses a command line that it does not understand with exit code 2, before anything is started', async () => {
    const { code, stdout, stderr } = await run([])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      '--minutes is missing.\n  code: minutes_not_a_number\n  hint: For instance: pnpm soak --minutes 10 --seed 1\n',
    )
  })

  test('--help explains its options and exit codes', async () => {
    const { code, stdout } = await run(['--help'])

    expect(code).toBe(0)
    expect(stdout).toMatch(/--minutes N[\s\S]*Exit code/)
  })
})

/** Runs the command; interrupts it once it has printed `interruptAt`. */
function run(args: string[], interruptAt?: RegExp): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/soak.ts', ...args], { cwd: root })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      if (interruptAt?.test(stdout)) {
        child.kill('SIGINT')
        interruptAt = undefined
      }
    })
    child.stderr.setEncoding('utf8').on('data', (text) => stderr += text)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
