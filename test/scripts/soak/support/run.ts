import { spawn } from 'node:child_process'
import { root } from '../../../support/markdown.ts'

/** Runs `pnpm soak`; interrupts it once it has printed `interruptAt`. */
export function run(
  args: string[],
  interruptAt?: RegExp,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/soak/soak.ts', ...args], { cwd: root })
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
