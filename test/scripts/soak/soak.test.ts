import { describe, expect, test } from 'vitest'
import { run } from './support/run.ts'

describe('pnpm soak', () => {
  test('refuses a command line that it does not understand with exit code 2, before anything is started', async () => {
    const { code, stdout, stderr } = await run([])

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      'SQ422: --minutes is missing.\nWhat to do: For instance: pnpm soak --minutes 10 --seed 1\n',
    )
  })

  test('--help explains its options and exit codes', async () => {
    const { code, stdout } = await run(['--help'])

    expect(code).toBe(0)
    expect(stdout).toMatch(/--minutes N[\s\S]*Exit code/)
  })
})
