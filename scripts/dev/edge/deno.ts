import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { keep, ownRequire } from '../../cli/place.ts'
import type { EdgeFunction } from './catalogue.ts'

/** Where Deno keeps what it downloaded: in the project, so that nothing of the user's is touched. */
export const defaultDenoDirectory = join(keep, 'deno')

let program: string | undefined

/** The path of the Deno that package.json pins. */
export function denoProgram(): string {
  if (program) return program
  const folder = dirname(ownRequire.resolve('deno/package.json'))
  const beside = join(folder, process.platform === 'win32' ? 'deno.exe' : 'deno')
  // Where install scripts are off, the package fetches its program at its first use.
  program = existsSync(beside)
    ? beside
    : execFileSync(process.execPath, [join(folder, 'bin.cjs'), 'eval', '-p', 'Deno.execPath()'], { encoding: 'utf8' })
      .trim()
  return program
}

/** How every Deno we start reads a function: its own import map, and none of the project's around it. */
export const readingFlags = (fn: EdgeFunction): string[] => [
  '--quiet',
  '--no-lock',
  '--node-modules-dir=none',
  ...(fn.importMap ? ['--config', fn.importMap] : ['--no-config']),
]

/** Where imports are downloaded: the user's own environment. A proxy or a registry of theirs counts here, and only here. */
export const cachingEnvironment = (denoDirectory: string): NodeJS.ProcessEnv => ({
  ...process.env,
  DENO_DIR: denoDirectory,
  DENO_NO_UPDATE_CHECK: '1',
  DENO_NO_PACKAGE_JSON: '1',
  NO_COLOR: '1',
})

/** Downloads what a function imports. Answers with what went wrong, or nothing. */
export function fetchImports(fn: EdgeFunction, denoDirectory: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(denoProgram(), ['cache', ...readingFlags(fn), fn.entry], {
      cwd: fn.folder,
      env: cachingEnvironment(denoDirectory),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let problem = ''
    child.stderr.setEncoding('utf8').on('data', (text) => problem += text)
    child.once('error', (reason) => resolve(reason.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : problem.trim()))
  })
}
