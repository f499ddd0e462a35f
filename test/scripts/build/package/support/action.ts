import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../../../../support/markdown.ts'

type Step = { id?: string; shell: string; run: string; env?: Record<string, string> }
type Action = {
  inputs: Record<string, { required?: boolean; default?: string }>
  outputs: Record<string, { value: string }>
  runs: { using: string; steps: Step[] }
}

export const readAction = (): Action => parse(readFileSync(join(root, 'action.yml'), 'utf8'))

/** What the runner hands to a shell of this name. */
const SHELLS: Record<string, string[]> = { bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'] }

/**
 * Runs the steps of action.yml as the runner does: inputs and outputs filled in, a script by the shell that a step names, a failed
 * step the last. Answers with how it ended, the log, and the outputs.
 */
export async function runAction(
  given: Record<string, string>,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; log: string; outputs: Record<string, string> }> {
  const { inputs, outputs, runs } = readAction()
  const missing = Object.entries(inputs).filter(([name, { required }]) => required && !(name in given))
  if (missing.length > 0) throw new Error(`not given: ${missing.map(([name]) => name).join(', ')}`)
  const temp = mkdtempSync(join(tmpdir(), 'runner-'))
  const known: Record<string, string> = Object.fromEntries(
    Object.entries(inputs).map(([name, { default: otherwise = '' }]) => [`inputs.${name}`, given[name] ?? otherwise]),
  )
  const filled = (text: string) =>
    text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
      if (!(name in known)) throw new Error(`nothing is called ${name}`)
      return known[name]!
    })
  const ran = { code: 0, log: '' }
  try {
    for (const [i, step] of runs.steps.entries()) {
      const script = join(temp, `step-${i}.sh`)
      const output = join(temp, `output-${i}`)
      writeFileSync(script, filled(step.run))
      writeFileSync(output, '')
      const set = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]))
      const [shell = '', ...flags] = SHELLS[step.shell]!
      const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
        execFile(
          shell,
          [...flags, script],
          { cwd: temp, env: { ...env, ...set, RUNNER_TEMP: temp, GITHUB_OUTPUT: output }, maxBuffer: 2 ** 24 },
          (reason, out, err) => resolve({ code: reason ? Number(reason.code ?? 1) : 0, said: out + err }),
        )
      })
      ran.log += said
      for (const [, name, value] of readFileSync(output, 'utf8').matchAll(/^([\w-]+)<<(?=(.+)\n)/gm)) {
        const text = readFileSync(output, 'utf8')
        const from = text.indexOf(`${name}<<${value}\n`) + `${name}<<${value}\n`.length
        known[`steps.${step.id}.outputs.${name}`] = text.slice(from, text.indexOf(`\n${value}\n`, from))
      }
      ran.code = code
      if (code !== 0) break
    }
    return {
      ...ran,
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, filled(value)])),
    }
  } finally {
    rmSync(temp, { recursive: true, force: true })
  }
}
