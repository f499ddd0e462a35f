import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'

const root = join(import.meta.dirname, '../../..')
const started: ChildProcess[] = []

afterEach(() => started.splice(0).forEach((child) => child.kill('SIGKILL')))

/** The command, and what it has printed so far. */
function run(...args: string[]) {
  const { SUPAQUEUE_DB_URL: _, ...env } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/console/console.ts', ...args], { cwd: root, env })
  started.push(child)
  const printed = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => printed.out += text)
  child.stderr.setEncoding('utf8').on('data', (text) => printed.err += text)
  return { child, printed, ended: once(child, 'close').then(([code]) => ({ code, ...printed })) }
}

describe('pnpm console', () => {
  test('serves a project of its own, with queues in it, and ends cleanly', async () => {
    const { child, printed, ended } = run('--embedded', '--port', '0')
    await until(() => Promise.resolve(printed.out.includes('Ctrl-C')))
    const [, address = ''] = /is at +(\S+)/.exec(printed.out) ?? []
    const { origin, hash } = new URL(address)

    const page = await fetch(address)
    const overview = await fetch(`${origin}/api/overview`, {
      headers: { authorization: `Bearer ${hash.replace('#token=', '')}` },
    })
    const { queues } = await overview.json()
    const stranger = await fetch(`${origin}/api/overview`)
    child.kill('SIGINT')
    const { code, err } = await ended

    expect(await page.text()).toContain('<title>supaqueue</title>')
    expect(queues.map(({ name }: { name: string }) => name)).toEqual(['emails', 'imports', 'payments', 'reports'])
    expect(stranger.status).toBe(401)
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringMatching(/error/i) })
  })

  test.each([
    [['--prot', '1'], 'SQ422'],
    [['--port', 'http'], 'SQ422'],
    [['--embedded', '--db-url', 'postgresql://me:secret@127.0.0.1:9/none'], 'SQ422'],
    [['--db-url', 'mysql://me:secret@localhost'], 'SQ422'],
  ])('does not understand %j and says what to do', async (args, problem) => {
    const { code, out, err } = await run(...args).ended

    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(new RegExp(`^${problem}: .+\\nWhat to do: .+\\n$`))
    expect(err).not.toContain('secret')
  })

  test('explains itself', async () => {
    const { code, out } = await run('--help').ended

    expect(code).toBe(0)
    expect(out).toMatch(/--db-url.*--embedded.*--read-only.*--port/s)
  })
})
