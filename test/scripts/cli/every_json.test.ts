import { createHash } from 'node:crypto'
import { beforeEach, describe, expect } from 'vitest'
import { visibleLines } from '../../../console/visible.ts'
import { ENDINGS } from '../../../scripts/cli/commands/exit.ts'
import { commands, main } from '../../../scripts/cli/main.ts'
import type { TestDatabase } from '../../support/database.ts'
import { failedJob } from '../../support/failures.ts'
import { type Harness, test } from '../../support/harness.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'

// What holds for each command that programs may read, over a database that has something to say: what it says, and what a
// second run and a dry run do. The program itself says which those are.

type Scene = { job: string; ended: string; action: string; backfill: string }

/** What a command is given beside --json. One that is not here fails the test until it is. */
const GIVEN: Record<string, (scene: Scene) => string[]> = {
  'doctor': () => [],
  'status': () => [],
  'job': ({ job }) => [job],
  'failures': () => [],
  'alerts': () => [],
  'retry-failed': () => ['--queue', 'mail', '--yes'],
  'discard-failed': () => ['--queue', 'mail', '--yes'],
  'bulk': ({ action }) => [action],
  'undo': ({ action }) => [action],
  'enqueue': () => ['mail', '{"to": "ada"}', '--dedupe-key', 'once'],
  'create-queue': () => ['mail', 'hello', '--workers', '2'],
  'pause': () => ['mail', '--reason', 'a\u001b[31m\u009b31m reason\u202e'],
  'resume': () => ['mail'],
  'adopt': () => ['--yes'],
  'retry': ({ ended }) => [ended],
  'cancel': ({ job }) => [job],
  'set-alert': () => ['other', 'backlog_older_than', '600', 'mail'],
  'enable-alert': () => ['late'],
  'disable-alert': () => ['late'],
  'delete-alert': () => ['late'],
  'hooks': () => [],
  'pause-hook': () => ['letters_mail', '--reason', 'a\u001b[31m\u009b31m reason\u202e'],
  'resume-hook': () => ['letters_mail'],
  'backfill': () => ['letters_mail', '--any-order'],
  'cancel-backfill': ({ backfill }) => [backfill],
  'resume-backfill': ({ backfill }) => [backfill],
  'replay': () => ['letters_mail', '2000-01-01'],
}

// There the summary is of a whole stack; test/scripts/demo has it.
const ELSEWHERE = ['demo']

const offers = (name: string) => commands().filter(({ options }) => options.some(({ long }) => long === name))

let scene: Scene
beforeEach<{ harness: Harness; database: TestDatabase }>(async ({ harness, database }) => {
  await harness.db.query('delete from supaqueue.queue')
  const queue = await harness.queue({ name: 'mail', workers: 1, paused: true })
  await failedJob(harness, queue, 'this one')
  const [ended] = [
    await failedJob(harness, queue, 'no \u001b[2J\u009b2J user'),
    await failedJob(harness, queue, 'no "paper"'),
  ]
  const { rows: [job] } = await harness.db.query(
    `insert into supaqueue.job (queue, payload) values ($1, '{"text": "a\\nb"}') returning id::text`,
    [queue],
  )
  const owner = await database.connect('owner')
  const { rows: [filling] } = (await owner.query(`
    create table if not exists public.letters (id integer primary key);
    create table if not exists public.others (id integer primary key);
    select supaqueue.on_change('public.letters', 'mail'), supaqueue.on_change('public.others', 'mail', payload => 'keys');
    select supaqueue.set_alert('late', 'backlog_older_than', 600, notify => 'mail');
    select supaqueue.backfill('others_mail')::text as id`) as unknown as { rows: { id: string }[] }[]).at(-1)!
  await owner.end()
  const retried = await run(database, ['retry-failed', '--error', 'this one', '--yes', '--json'])
  scene = { job: job.id, ended: String(ended), action: String(JSON.parse(retried.out).action), backfill: filling!.id }
})

async function run(database: TestDatabase, args: string[]) {
  const [out, notes]: [string[], string[]] = [[], []]
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    // As the program prints.
    say: (line) => void out.push(visibleLines(line)),
    note: (line) => void notes.push(line),
  })
  return { code, out: out.join('\n'), notes: notes.join('\n') }
}

/** All that the tables of supaqueue hold. */
async function held({ db }: Harness): Promise<string> {
  const { rows: tables } = await db.query(
    `select oid::regclass as name from pg_class where relkind = 'r' and relnamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
     order by 1`,
  )
  const hash = createHash('sha256')
  for (const { name } of tables) {
    const { rows: [{ all }] } = await db.query(
      `select string_agg(t::text, ',' order by t::text) as all from ${name} as t`,
    )
    hash.update(`${name} ${all}\n`)
  }
  return hash.digest('hex')
}

describe.for(offers('--json').map((command) => command.name()).filter((name) => !ELSEWHERE.includes(name)))(
  '%s --json',
  (name) => {
    const args = () => [name, ...GIVEN[name]!(scene), '--json']

    test('says one piece of JSON, no more, in letters that do not steer a terminal', async ({ database }) => {
      const { code, out } = await run(database, args())

      // Only doctor finds fault with a database that has no functions.
      expect(code).toBe(name === 'doctor' ? 1 : 0)
      expect(() => JSON.parse(out)).not.toThrow()
      // deno-lint-ignore no-control-regex
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
    })

    test('a second time ends as the table says, and says JSON, too', async ({ database }) => {
      await run(database, args())
      const { code, out } = await run(database, args())

      expect(ENDINGS.map(({ exit }) => exit)).toContain(code)
      const { error } = JSON.parse(out)
      if (error) expect(error).toMatchObject({ code: expect.stringMatching(/^SQ\d{3}$/), exit: code })
      else expect(code).toBe(name === 'doctor' ? 1 : 0)
    })
  },
)

describe.for(offers('--dry-run').filter((command) => command.name() in GIVEN).map((command) => command.name()))(
  '%s --dry-run',
  (name) => {
    test('changes nothing, with --yes, too', async ({ database, harness }) => {
      const before = await held(harness)
      const { code } = await run(database, [name, ...GIVEN[name]!(scene), '--dry-run'])
      const after = await held(harness)
      await run(database, [name, ...GIVEN[name]!(scene)])

      expect(code).toBe(0)
      expect(after).toBe(before)
      // Or there was nothing that could have been changed. What adopt does needs another database: its own test has it.
      if (name !== 'adopt') expect(await held(harness)).not.toBe(before)
    })
  },
)
