import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const model = fileURLToPath(new URL('wakeup.pml', import.meta.url))

export type Verdict = {
  /** Every state that can be reached was looked at, and in none was anything wrong. */
  holds: boolean
  states: number
  /** The assertion that fails in some state. */
  violated?: string
}

/** Which of the programs that a check needs are not on this machine. */
export const missing = ['spin', 'cc'].filter((program) => {
  try {
    execFileSync(program, [program === 'cc' ? '--version' : '-V'], { stdio: 'ignore' })
    return false
  } catch {
    return true
  }
})

/**
 * Checks the model with the given switches, such as `NE=2`, in every state that it can reach. A `long` check is worth
 * a compilation that takes longer.
 */
export async function check(switches: string[], { long = false } = {}): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'supaqueue-model-'))
  try {
    const cwd = { cwd: folder }
    await run('spin', ['-a', ...switches.map((each) => `-D${each}`), model], cwd)
    await run(
      'cc',
      [long ? '-O2' : '-O0', '-w', '-DSAFETY', '-DCOLLAPSE', '-DVECTORSZ=4096', '-o', 'pan', 'pan.c'],
      cwd,
    )
    const { stdout } = await run(join(folder, 'pan'), ['-m1000000', '-w23'], { ...cwd, maxBuffer: 1e8 })

    const errors = Number(/errors: (\d+)/.exec(stdout)?.[1])
    const isWhole = !/Search not completed|max search depth too small|out of memory/.test(stdout)
    return {
      holds: errors === 0 && isWhole,
      states: Number(/(\d+) states, stored/.exec(stdout)?.[1]),
      violated: /assertion violated (.*) \(at depth/.exec(stdout)?.[1],
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
