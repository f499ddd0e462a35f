import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What runs `supaqueue work`, graphile-worker and pg-boss: the newest versions of these need Node 22.18. */
export const version = '24.22.3'

const isNewEnough = ([major = 0, minor = 0]: number[]): boolean => major > 22 || major === 22 && minor >= 18

let found: Promise<string> | undefined

/** The program to run them by: this Node if it is new enough, else that of the npm package, which npm fetches once. */
export const nodeProgram = (): Promise<string> => found ??= find()

async function find(): Promise<string> {
  if (isNewEnough(process.versions.node.split('.').map(Number))) return process.execPath
  const system = process.platform === 'win32' ? 'win' : process.platform
  const { stdout } = await promisify(execFile)('npx', [
    '--yes',
    '--package',
    `node-${system}-${process.arch}@${version}`,
    '--',
    'node',
    '--print',
    'process.execPath',
  ], { shell: process.platform === 'win32' })
  return stdout.trim()
}

/** The version of that Node. */
export async function nodeVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(await nodeProgram(), ['--version'])
  return stdout.trim()
}
