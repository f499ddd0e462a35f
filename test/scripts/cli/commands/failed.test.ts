import { beforeEach, expect } from 'vitest'
import { EXIT } from '../../../../scripts/cli/commands/exit.ts'
import { main } from '../../../../scripts/cli/main.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { failedJob, fingerprintOf, statuses } from '../../../support/failures.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'

// What is done to many failed jobs at once: retry-failed, discard-failed, bulk, undo.

async function run(database: TestDatabase, args: string[], answer?: string) {
  const [out, notes]: [string[], string[]] = [[], []]
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    interactive: answer !== undefined,
    ask: () => Promise.resolve(answer ?? ''),
    say: (line) => void out.push(line),
    note: (line) => void notes.push(line),
  })
  return { code, out: out.join('\n'), notes: notes.join('\n') }
}

beforeEach<{ harness: Harness }>(async ({ harness }) => {
  await harness.db.query('delete from supaqueue.queue')
})

const numberOf = (said: string) => said.match(/pnpm supaqueue undo (\d+)/)![1]!

test('retry-failed asks with a number, puts back what fits, follows it, and takes it back', async ({ database, harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  const [one, other] = [await failedJob(harness, queue, 'no user'), await failedJob(harness, queue, 'no paper')]
  const failed = ['retry-failed', '--queue', 'mail', '--fingerprint', fingerprintOf('no user')]

  const dry = await run(database, [...failed, '--dry-run'])
  const declined = await run(database, failed, 'n')
  const unasked = await run(database, failed)
  expect(dry).toMatchObject({ code: 0, out: '1 job would be meant. Dry run: nothing was changed.' })
  expect(declined.code).toBe(EXIT.declined)
  expect(unasked.notes).toContain('--yes')
  expect(await statuses(harness, queue)).toEqual({ [one]: 'failed', [other]: 'failed' })

  const done = await run(database, failed, 'y')
  expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/^1 job put back\. How they are doing: /) })
  expect(await statuses(harness, queue)).toEqual({ [one]: 'pending', [other]: 'failed' })

  const action = numberOf(done.out)
  expect((await run(database, ['bulk', action])).out).toBe(
    'retry of 1 job of mail: 1 waiting, 0 in progress, 0 succeeded, 0 failed.\n' +
      'Wait: some have not ended yet, and none has failed again.\n' +
      `1 can be taken back: pnpm supaqueue undo ${action}`,
  )
  expect((await run(database, ['undo', action])).out).toBe('1 job failed again, as before.')
  expect((await run(database, ['undo', action])).out).toMatch(/^Nothing to take back/)
  expect(await statuses(harness, queue)).toEqual({ [one]: 'failed', [other]: 'failed' })
})

test('retry-failed finds by error, payload, path and time, over all queues, and says so to programs', async ({ database, harness }) => {
  const [a, b] = [await harness.queue(), await harness.queue()]
  for (const queue of [a, b]) await failedJob(harness, queue, 'no user', { payload: { user: { id: 7 }, amount: 120 } })
  const fits = async (...args: string[]) =>
    JSON.parse((await run(database, ['retry-failed', ...args, '--dry-run', '--json'])).out).jobs

  expect(await fits('--error', 'NO USER')).toBe(2)
  expect(await fits('--error', 'no paper')).toBe(0)
  expect(await fits('--payload', '{"user": {"id": 7}}')).toBe(2)
  expect(await fits('--where', '$.amount > 100 && $.user.id == 7')).toBe(2)
  expect(await fits('--where', '$.amount > 120')).toBe(0)
  expect(await fits('--until', '2020-01-01')).toBe(0)
  expect(await fits('--error', 'no user', '--most', '1')).toBe(1)
})

test('discard-failed makes failures none, and undo makes them some again', async ({ database, harness }) => {
  const queue = await harness.queue({ name: 'mail' })
  const job = await failedJob(harness, queue)

  const done = await run(database, ['discard-failed', '--queue', 'mail', '--yes'])

  expect(await statuses(harness, queue)).toEqual({ [job]: 'cancelled' })
  await run(database, ['undo', numberOf(done.out)])
  expect(await statuses(harness, queue)).toEqual({ [job]: 'failed' })
  expect((await run(database, ['discard-failed', '--queue', 'mail', '--error', 'nothing', '--yes'])).out)
    .toBe('No failed job fits.')
})

test.for<[string, string[]]>([
  ['neither queue nor filter', ['retry-failed', '--yes']],
  ['a payload that is no JSON', ['retry-failed', '--payload', '{', '--yes']],
  ['a path that is none', ['discard-failed', '--where', '$.a >', '--yes']],
  ['a number that is none', ['undo', 'all']],
])('refuses %s', async ([, args], { database }) => {
  const { code, notes } = await run(database, args)

  expect(code).toBe(2)
  expect(notes).toMatch(/^SQ422: .*\nWhat to do: \S/)
})

test('failures names the commands that put its first group back', async ({ database, harness }) => {
  await failedJob(harness, await harness.queue({ name: "it's" }), 'no user')

  expect((await run(database, ['failures'])).out).toContain(
    `pnpm supaqueue retry-failed --queue 'it'\\''s' --fingerprint '${fingerprintOf('no user')}' --most 5`,
  )
})
