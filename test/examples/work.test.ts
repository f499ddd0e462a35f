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

test('its database is the one that the tests in containers know', () => {
  expect(readFileSync(join(root, 'scripts/suite/containers/image.ts'), 'utf8')).toContain(
    `'${compose.services.db!.image}'`,
  )
})

test('no password is written down in it', () => {
  for (const { environment } of Object.values(compose.services)) {
    for (const [name, value] of Object.entries(environment)) {
      if (/PASSWORD/.test(name)) expect(value).toBe('${POSTGRES_PASSWORD:?}')
      else expect(value).not.toMatch(/:[^/@]+@/)
    }
  }
})
