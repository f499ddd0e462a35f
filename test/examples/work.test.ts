import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../../scripts/cli/main.ts'
import { root } from '../support/markdown.ts'

// Nobody starts containers here: what is held is that the program knows what it is told.

const read = (name: string) => readFileSync(join(root, 'examples/work', name), 'utf8')
const compose = parse(read('compose.yaml')) as {
  services: Record<string, { image?: string; build?: string; command?: string; environment: Record<string, string> }>
}
const [, started = '[]'] = /^CMD (\[.*\])$/m.exec(read('Dockerfile')) ?? []

test.each([
  ['the Dockerfile', JSON.parse(started) as string[]],
  ...Object.entries(compose.services).filter(([, { build }]) => build)
    .map(([name, { command = '' }]) => [`the service ${name}`, command.split(' ')] as [string, string[]]),
])('%s calls a command that there is, with options that it has', (_, [name, ...args]) => {
  const command = commands().find((one) => one.name() === name)
  const given = args.filter((arg) => arg.startsWith('--'))

  expect(given).not.toEqual([])
  expect(given.filter((option) => !command!.options.some(({ long }) => long === option))).toEqual([])
})

test('PostgreSQL, a process that does the jobs and the HTTP API are there, each process by a role of its own', () => {
  const { work, api, install } = compose.services
  const userOf = ({ environment }: { environment: Record<string, string> }) =>
    new URL(environment.SUPAQUEUE_DB_URL!).username

  expect([userOf(install!), userOf(work!), userOf(api!)]).toEqual(['postgres', 'worker', 'api'])
  expect(install!.command).toContain(`--worker-role ${userOf(work!)} --api-role ${userOf(api!)}`)
  expect(work!.environment.SUPABASE_DB_PASSWORD).toBe(install!.environment.SUPAQUEUE_WORKER_PASSWORD)
  expect(api!.environment.SUPABASE_DB_PASSWORD).toBe(install!.environment.SUPAQUEUE_API_PASSWORD)
})

test('its database is a PostgreSQL as it comes, of a version that an empty one is installed into by a test', () => {
  expect(compose.services.db!.image).toBe('postgres:17')
  expect(compose.services.install!.command).toContain('--stand-alone')
  expect(readFileSync(join(root, 'test/scripts/work/support/bare.ts'), 'utf8')).toContain('binaries(17,')
})

test('what Compute is to build starts a command that there is, on the port that it gives, and says which database it takes', () => {
  const [, started = '[]'] = /^CMD (\[.*\])$/m.exec(read('compute/Dockerfile')) ?? []
  const [shell, , line] = JSON.parse(started) as string[]
  const { given } = /exec supaqueue work (?<given>.*)$/.exec(line!)!.groups!
  const work = commands().find((one) => one.name() === 'work')!

  expect(shell).toBe('sh')
  // Signals reach the process, not a shell before it.
  expect(line).toMatch(/ exec supaqueue work /)
  expect(line).toMatch(/^SUPAQUEUE_DB_URL=\$\{SUPAQUEUE_DB_URL:-\$SUPABASE_DB_URL\} /)
  expect(given).toMatch(/--port \$\{PORT:-8080\}/)
  for (const [option] of given!.matchAll(/--[\w-]+/g)) expect(work.options.map(({ long }) => long)).toContain(option)
  expect(read('compute/config.toml')).toMatch(/^\[compute\.supaqueue\]\nruntime = "dockerfile"$/m)
})

test('no password is written down in it', () => {
  for (const { environment } of Object.values(compose.services)) {
    for (const [name, value] of Object.entries(environment)) {
      if (/PASSWORD/.test(name)) expect(value).toMatch(/^\$\{(POSTGRES|WORKER|API)_PASSWORD:\?\}$/)
      else expect(value).not.toMatch(/:[^/@]+@/)
    }
  }
})
