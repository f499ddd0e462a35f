import { describe, expect, test } from 'vitest'
import type { Deps } from '../../../scripts/cli/deps.ts'
import { main } from '../../../scripts/cli/main.ts'
import { secretsOf, withoutSecrets } from '../../../scripts/cli/without_secrets.ts'

// Whatever form somebody gives a database in, to whatever command, right or wrong: its password is not printed. Each password has
// two halves, for it is cut where it has a character that means something in a URL.

const [LEFT, RIGHT] = ['4711', 'sesame9']
const characters = ['x', '@', ':', '/', '?', '#', '%', '%40', '&', '=', "'", '"', ' ', '\\', '+', '[']

const forms: Record<string, (password: string) => string[]> = {
  'a URL': (password) => ['--db-url', `postgresql://me:${password}@127.0.0.1:9/none`],
  'a URL in one word': (password) => [`--db-url=postgresql://me:${password}@127.0.0.1:9/none`],
  'a URL of another kind': (password) => ['--db-url', `mysql://me:${password}@127.0.0.1:9/none`],
  'a URL whose port is none': (password) => ['--db-url', `postgresql://me:${password}@127.0.0.1:none/none`],
  'a URL without a user': (password) => ['--db-url', `postgresql://:${password}@127.0.0.1:9/none`],
  'a parameter': (password) => ['--db-url', `postgresql://me@127.0.0.1:9/none?sslmode=disable&password=${password}`],
  'the only parameter, of no host': (password) => ['--db-url', `postgresql:///none?password=${password}`],
  'keys and values': (password) => ['--db-url', `host=127.0.0.1 port=9 user=me password=${password}`],
  'keys and values, quoted': (password) => ['--db-url', `host=127.0.0.1 password='${password}' user=me`],
  'keys and values with blanks': (password) => ['--db-url', `host = 127.0.0.1 password = ${password}`],
  'keys and values that the shell took apart': (
    password,
  ) => ['--db-url', 'host=127.0.0.1', 'user=me', `password=${password}`],
  'an option that there is not': (password) => [`--password=${password}`],
  'another option that there is not': (password) => [`--db-password=${password}`],
  'an option that is misspelled': (password) => [`--dburl=postgresql://me:${password}@127.0.0.1:9/none`],
  'an argument that nobody asked for': (password) => [`postgresql://me:${password}@127.0.0.1:9/none`, 'x', 'x', 'x'],
}

/** What the program prints, and how it ends. */
async function printed(args: string[], env: Deps['env'] = {}) {
  let text = ''
  const write = (line: string) => void (text += `${line}\n`)
  const code = await main(args, {
    env,
    cwd: '/nowhere',
    interactive: false,
    say: write,
    note: write,
    progress: write,
    ask: () => Promise.reject(new Error('nobody is there')),
    askSecret: () => Promise.reject(new Error('nobody is there')),
  })
  return { code, text }
}

const { text: help } = await printed(['--help'])
const names = [...help.matchAll(/^ {2}([a-z][\w-]*)(?: |$)/gm)].map(([, name]) => name!)
/** Commands that read --db-url, with the arguments that they want. */
const commands: string[][] = []
for (const name of names.filter((name) => name !== 'help')) {
  const { text } = await printed([name, '--help'])
  const wanted = /Usage: .*/.exec(text)?.[0].match(/<\w+>/g) ?? []
  if (/--db-url/.test(text)) commands.push([name, ...wanted.map(() => '1')])
}
// They print their help themselves, and read the same option.
commands.push(['console'], ['dev'])

test('many commands connect', () => {
  expect(commands.length).toBeGreaterThan(14)
})

describe.each(commands.map((command) => [command[0]!, command] as const))('%s', (_, command) => {
  test.each(Object.entries(forms))('does not print a password in %s', async (_, form) => {
    // A console that is given a URL begins, and stays.
    const some = command[0] === 'status' ? characters : command[0] === 'console' ? ['/'] : ['x', '@', '/']
    for (const character of some) {
      const given = form(`${LEFT}${character}${RIGHT}`)

      const { code, text } = await printed([...command, ...given])

      expect(code).not.toBe(0)
      expect(text, given.join(' ')).not.toContain(RIGHT)
      expect(text, given.join(' ')).not.toContain(LEFT)
    }
  })
})

describe('of the environment', () => {
  test.each(characters)('no password is printed with %j in it', async (character) => {
    const password = `${LEFT}${character}${RIGHT}`
    for (
      const env of [
        { SUPAQUEUE_DB_URL: `postgresql://me:${password}@127.0.0.1:9/none` },
        { SUPAQUEUE_DB_URL: `host=127.0.0.1 password=${password}` },
        { SUPAQUEUE_DB_URL: 'postgresql://me@127.0.0.1:9/none', SUPABASE_DB_PASSWORD: password },
      ]
    ) {
      const { code, text } = await printed(['status', '--json'], env)

      expect(code).not.toBe(0)
      expect(text).not.toContain(RIGHT)
      expect(text).not.toContain(LEFT)
    }
  })
})

describe('a text', () => {
  test.each([
    ['postgresql://me:pa@ss@host/db and more', 'postgresql://me:***@host/db and more'],
    ["host=h password='my pass' user=me", 'host=h password=*** user=me'],
    ['?sslmode=disable&password=abc&x=1', '?sslmode=disable&password=***&x=1'],
    ['PGPASSWORD=abc psql', 'PGPASSWORD=*** psql'],
    ['set SUPABASE_DB_PASSWORD=<the password>', 'set SUPABASE_DB_PASSWORD=<the password>'],
    ["create_secret(new_secret => 'x')", "create_secret(new_secret => 'x')"],
    ["password_encryption = 'scram-sha-256'", "password_encryption = 'scram-sha-256'"],
    ['mail me@example.com about http://host:80/x', 'mail me@example.com about http://host:80/x'],
  ])('%j is printed as %j', (given, shown) => expect(withoutSecrets(given, [])).toBe(shown))

  test('has no value that is known to be secret, as it was given or decoded, and keeps ordinary words', () => {
    const known = secretsOf(['--db-url', 'postgresql://me:a%20secret%20b@host/db'], {
      SUPABASE_DB_PASSWORD: 'postgres',
    })

    expect(withoutSecrets('a secret b, a%20secret%20b, postgres', known)).toBe('***, ***, postgres')
  })
})
