import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openConsole } from '../../../../scripts/console/open.ts'
import { describeError } from '../../../../scripts/dev/command/describe.ts'
import { startStack } from '../../../../scripts/dev/stack.ts'
import { inventory } from '../../../support/inventory.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'
import { PUBLISHED, PUBLISHED_DEPENDENCIES } from '../../../support/published.ts'

const published = 'SQ409: the schema supaqueue in this database is of the supaqueue published in 2024, not of this one'
const foreign = 'SQ409: the schema supaqueue in this database is of somebody else: supaqueue has not made it'

/** Schemas of our name that are not ours, and what is said of each. */
const strangers: [string, string, string][] = [
  ['the supaqueue published in 2024', PUBLISHED, published],
  ['the same with its add-on for pipelines', PUBLISHED + PUBLISHED_DEPENDENCIES, published],
  ['tables of somebody else', 'create schema supaqueue; create table supaqueue.note (t text)', foreign],
  ['tables of somebody else that are named as ours', 'create schema supaqueue; create table supaqueue.job ()', foreign],
  [
    'a ledger of somebody else',
    'create schema supaqueue; create table supaqueue.migration (version bigint, name text)',
    foreign,
  ],
  ['nothing', 'create schema supaqueue', foreign],
]

const commands = [
  'install --yes',
  'install --dry-run',
  'upgrade --yes',
  'doctor',
  'status',
  'job 1',
  'failures',
  'rotate-secret --yes',
  'remove --yes',
  'remove --dry-run',
  'remove --yes --keep-data',
]

describe.for(strangers)('a schema supaqueue with %s', ([, sql, message]) => {
  let project: Hosted
  let before: string[]
  beforeAll(async () => {
    project = await startHosted({ net: false, cron: false })
    await project.db.query(sql)
    before = await inventory(project.adminUrl)
  })
  afterAll(() => project?.stop())

  test.for(commands)('%s names it, says what to do, and changes nothing', async (command) => {
    const { code, text } = await project.run(command.split(' '))

    expect(code).toBe(1)
    expect(text).toContain(message.replace(/^SQ409: /, ''))
    expect(text).toMatch(/(What to do|fix): Nothing was changed.*(alter schema supaqueue rename to |--from-published)/)
    expect(text).not.toMatch(/^ +at /m)
    expect(await inventory(project.adminUrl)).toEqual(before)
    expect(project.state.functions.size + project.state.secrets.size).toBe(0)
  })

  test.for(commands)(
    '%s names it where a database URL is all that is known, and asks for nothing else',
    async (command) => {
      const { code, text } = await project.run(command.split(' '), {
        env: { SUPAQUEUE_DB_URL: project.ownerUrl, SUPABASE_PROJECT_ID: '', SUPABASE_ACCESS_TOKEN: '' },
      })

      expect(code).toBe(1)
      expect(text).toContain(message.replace(/^SQ409: /, ''))
      expect(text).not.toContain('--functions-url')
      expect(await inventory(project.adminUrl)).toEqual(before)
    },
  )

  test('doctor says it to programs, too, and says nothing else', async () => {
    const { out } = await project.run(['doctor', '--json'])

    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      checks: [{ name: 'schema', ok: false, detail: message.replace(/^SQ409: /, '') }],
    })
  })

  test.for(['work', 'api'])('%s does not serve it', async (command) => {
    const { code, text } = await project.run([command], { env: { SUPAQUEUE_DB_URL: project.ownerUrl } })

    expect(code).not.toBe(0)
    expect(text).toContain(message)
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('pnpm console and pnpm dev refuse it', async () => {
    const refusal = { code: 'SQ409', message: message.replace(/^SQ409: /, '') }
    const reasonOf = (work: Promise<unknown>) => work.then(() => undefined, (reason) => reason)
    const opened = await reasonOf(
      openConsole({ port: 0, readOnly: true, embedded: false, person: '', dbUrl: project.ownerUrl }, project.deps()),
    )
    const started = await reasonOf(startStack({ databaseUrl: project.adminUrl }))

    expect(opened).toMatchObject(refusal)
    expect(started).toMatchObject(refusal)
    expect(describeError(started)).not.toMatch(/^ +at /m)
    expect(await inventory(project.adminUrl)).toEqual(before)
  })
})

test('what nobody has thought of is told in words, not by a stack', async () => {
  const project = await startHosted({ net: false, cron: false })
  try {
    await project.db.query(
      'create schema supaqueue; create table supaqueue.migration (name text, checksum text, applied_at timestamptz)',
    )
    await project.db.query(
      'create view supaqueue.queue_overview as select 1 as one; create view supaqueue.failures as select 1 as one',
    )
    const { code, text } = await project.run(['status'])
    const debugged = await project.run(['status'], { env: { SUPAQUEUE_DEBUG: '1' } })

    expect(code).toBe(1)
    expect(text).toMatch(/^SQ500: .*\(42P01\)\nWhat to do: .*SUPAQUEUE_DEBUG=1/)
    expect(text).not.toMatch(/^ +at /m)
    expect(debugged.text).toMatch(/^ +at /m)
  } finally {
    await project.stop()
  }
})
