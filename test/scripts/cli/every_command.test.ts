import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENDINGS } from '../../../scripts/cli/commands/exit.ts'
import { commands, main } from '../../../scripts/cli/main.ts'
import { root } from '../../support/markdown.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'

// What holds for each command, whichever there are: the program itself says which those are.

const PASSWORD = 'geheim-7'

let folder: string
let taken: number
const somebody = createServer()
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'every-'))
  await once(somebody.listen(0, '127.0.0.1'), 'listening')
  taken = (somebody.address() as AddressInfo).port
})
afterAll(() => {
  somebody.close()
  rmSync(folder, { recursive: true, force: true })
})

type Ran = { code: number; out: string[]; notes: string[] }

async function run(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const [out, notes]: string[][] = [[], []]
  const code = await main(args, {
    ...silentDeps({ env: { SUPABASE_HOME: folder, ...env }, cwd: folder }),
    say: (text) => void out!.push(...text.split('\n')),
    note: (text) => void notes!.push(...text.split('\n')),
  })
  return { code, out: out!, notes: notes! }
}

/** What the one error of a run is, in its one form; with the exit code that the table has for it. */
function errorOf({ code, out, notes }: Ran, json: boolean): { code: string; message: string; hint: string } {
  let error: { code: string; message: string; hint: string }
  if (json) {
    expect(notes).toEqual([])
    expect(out).toHaveLength(1)
    const told = JSON.parse(out[0]!)
    expect(told).toEqual({
      error: { code: expect.any(String), message: expect.any(String), hint: expect.any(String), exit: code },
    })
    const { exit: _, ...rest } = told.error
    error = rest
  } else {
    expect(notes.filter((line) => /^SQ\d{3}: /.test(line))).toHaveLength(1)
    // The last two lines: what came before is what was done until then.
    const [first = '', second = ''] = notes.slice(-2)
    const [, name = '', message = ''] = /^(SQ\d{3}): (.+)$/.exec(first) ?? []
    const [, hint = ''] = /^What to do: (.+)$/.exec(second) ?? []
    error = { code: name, message, hint }
  }
  expect(error).toEqual({
    code: expect.stringMatching(/^SQ\d{3}$/),
    message: expect.stringMatching(/./),
    hint: expect.stringMatching(/./),
  })
  expect(ENDINGS.filter(({ errors }) => errors.includes(error.code)).map(({ exit }) => exit)).toEqual([code])
  return error
}

const offers = (command: Command, name: string) => command.options.some(({ long }) => long === name)

/** What a command has to be given before it begins. */
const given = (command: Command): string[] =>
  command.registeredArguments.filter(({ required }) => required).map((argument) => argument.name() === 'id' ? '1' : 'q')

/** As few questions as may be, and a port that somebody has: what would stay ends at the latest there. */
const quietly = (command: Command): string[] => [
  ...offers(command, '--yes') ? ['--yes'] : [],
  ...offers(command, '--port') ? ['--port', String(taken)] : [],
]

/** URLs of a database where nobody listens, with a password wherever URLs have one; and what is meant to be one. */
const urls: [string, string][] = [
  ['a URL', `postgresql://me:${PASSWORD}@127.0.0.1:1/none`],
  ['a URL whose password has an @', `postgresql://me:${PASSWORD}@x@127.0.0.1:1/none`],
  ['a URL of another scheme', `mysql://me:${PASSWORD}@127.0.0.1/none`],
  ['a URL with a port that is none', `postgresql://me:${PASSWORD}@127.0.0.1:port/none`],
  ['a URL with its password behind', `postgresql://me@127.0.0.1:1/none?password=${PASSWORD}`],
  ['a URL with its password behind, and more', `postgresql://127.0.0.1:1/none?user=me&password=${PASSWORD}&sslmode=x`],
  ['keywords', `host=127.0.0.1 port=1 user=me password=${PASSWORD}`],
  ['keywords in quotes', `host=127.0.0.1 password = '${PASSWORD} \\' ${PASSWORD}' user=me`],
]

test('there are the commands that were promised', () => {
  expect(commands().map((command) => command.name())).toEqual(expect.arrayContaining(
    'init install upgrade doctor status job failures console dev demo remove types pause resume retry cancel enqueue'
      .split(' '),
  ))
})

describe.for(commands().map((command) => [command.name(), command] as const))('%s', ([name, command]) => {
  test('has help, with its exit codes, and ends with 0', async () => {
    for (const args of [[name, '--help'], [name, '-h'], ['help', name]]) {
      const { code, out, notes } = await run(args)

      expect({ code, notes }).toEqual({ code: 0, notes: [] })
      expect(out[0]).toMatch(new RegExp(`^Usage: supaqueue ${name}\\b`))
      for (const { exit, meaning } of ENDINGS) expect(out).toContain(`  ${String(exit).padEnd(3)}  ${meaning}`)
      expect(command.description()).not.toBe('')
      expect(command.options.filter(({ description }) => description === '')).toEqual([])
    }
  })

  test.for([false, true])('does not understand what it does not know; as JSON: %s', async (json) => {
    const tail = json ? ['--json'] : []
    const unknown = await run([name, ...given(command), '--no-such-option', ...tail])
    const tooMuch = await run([name, ...given(command), ...Array(9).fill('more'), ...tail])
    const valueless = command.options.filter((option) => option.required).map(({ long }) => long!)

    expect(unknown.code).toBe(2)
    expect(errorOf(unknown, json)).toMatchObject({ code: 'SQ422', message: `unknown option '--no-such-option'` })
    expect(tooMuch.code).toBe(2)
    expect(errorOf(tooMuch, json).code).toBe('SQ422')
    for (const option of valueless) {
      const ran = await run([name, ...tail, ...given(command), option])
      expect(ran.code).toBe(2)
      expect(errorOf(ran, json)).toMatchObject({ code: 'SQ422', message: expect.stringContaining(option) })
    }
  })

  test('lacks what has to be given', async () => {
    if (given(command).length === 0) return
    const ran = await run([name])

    expect(ran.code).toBe(2)
    expect(errorOf(ran, false).message).toMatch(/missing required argument/)
  })

  test.for(urls)('tells no password of %s', async ([, url]) => {
    const begin = [name, ...given(command), ...quietly(command)]
    const withUrl = [...begin, `--db-url`, url]
    const ways: { args: string[]; env?: Record<string, string> }[] = [
      { args: [...begin, `--db-urll=${url}`] },
      { args: [...begin, `--no-such-option=${url}`] },
      { args: [name, url, url, url, url] },
      ...offers(command, '--db-url') ? [{ args: withUrl }, { args: begin, env: { SUPAQUEUE_DB_URL: url } }] : [],
      ...offers(command, '--functions-url') ? [{ args: [...withUrl, '--functions-url', url] }] : [],
      ...offers(command, '--url') ? [{ args: [...withUrl, '--url', url] }] : [],
    ]
    for (const { args, env = {} } of ways) {
      for (const tail of [[], ['--json']]) {
        const ran = await run([...args, ...tail], { SUPABASE_DB_PASSWORD: `${PASSWORD}-set`, ...env })

        expect([...ran.out, ...ran.notes].join('\n')).not.toContain(PASSWORD)
        expect(ran.code).not.toBe(0)
        errorOf(ran, tail.length > 0)
      }
    }
  })
})

test.for([
  ['nope'],
  ['help', 'nope'],
  ['nope', '--json'],
  ['--nope'],
  [`postgresql://me:${PASSWORD}@127.0.0.1/x`],
])('%j is no command', async (args) => {
  const ran = await run(args)

  expect(ran.code).toBe(2)
  expect(errorOf(ran, args.includes('--json')).message).toMatch(/^unknown (command|option) /)
  expect(JSON.stringify(ran)).not.toContain(PASSWORD)
})

test('each error of the program has a code that the table has, and the documents have the table', () => {
  const files = ['scripts/cli', 'scripts/console', 'scripts/dev', 'scripts/demo'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !ANSWERS.test(path)).map((path) => join(folder, path))
  )
  const thrown = files.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/(?:new SupaqueueError|\bsuper)\(\s*([^\s,)]+),/g)]
      .map(([, code = '']) => ({ path, code }))
  )
  const known = ENDINGS.flatMap(({ errors }) => errors)
  const page = readFileSync(join(root, 'docs/reference/commands.md'), 'utf8')

  expect(thrown.length).toBeGreaterThan(50)
  expect(thrown.filter(({ code }) => !/^'/.test(code) ? !VARIABLE.includes(code) : !known.includes(code.slice(1, -1))))
    .toEqual([])
  for (const { exit, meaning, errors } of ENDINGS) {
    expect(page).toContain(`| ${exit} | ${meaning} | ${errors.map((code) => `\`${code}\``).join(', ')} |`)
  }
})

// What the page of the console is answered: an HTTP status.
const ANSWERS = /^handle\.ts$/

// Handed on from where it was said before.
const VARIABLE = ['code', 'message']
