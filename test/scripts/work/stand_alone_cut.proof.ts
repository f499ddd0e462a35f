import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWork } from '../../../scripts/work/work.ts'
import { type Line, startLine } from '../../faults/support/line.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'
import { type Bare, PASSWORD, run, startBare } from './support/bare.ts'

let bare: Bare
let line: Line
beforeAll(async () => {
  bare = await startBare()
  line = await startLine()
})
afterAll(async () => {
  await line?.close()
  await bare?.stop()
})

// What is cut off before it arrives, and what is done and not answered: a statement of the installer has no other end.
type Cut = [where: string, cut: () => void]

const BEFORE_THE_MARK: Cut[] = [
  ['before the first role', () => line.interrupt('create role "anon"')],
  ['behind it', () => line.beforeAnswer('CREATE ROLE', () => void line.cut())],
  ['before the second', () => line.interrupt('create role "authenticated"')],
  ['within the tables', () => line.interrupt('create table supaqueue.job (')],
  ['within the functions', () => line.interrupt('function supaqueue.enqueue(')],
  ['at their end', () => line.interrupt('schedule_sweep() as scheduled')],
  ['before the word that it stands alone', () => line.interrupt('insert into supaqueue.setting')],
]

const BEHIND_IT: Cut[] = [
  ['behind that word', () => line.beforeAnswer('INSERT 0 1', () => void line.cut())],
  ['before the role of a process', () => line.interrupt('create role "turner"')],
  ['behind it', () => line.beforeAnswer('CREATE ROLE', () => void line.cut())],
  ['before what it may', () => line.interrupt('grant execute on function supaqueue_internal.direct_turn')],
  ['before the role of the API', () => line.interrupt('create role "doorman"')],
  ['before what that may', () => line.interrupt('grant execute on function supaqueue_internal.direct_api')],
  ['at the very end', () => line.beforeAnswer('GRANT', () => void line.cut())],
]

const direct = () => bare.urlOf('app', 'cut')

const install = (url: string) =>
  run(
    ['install', '--yes', '--stand-alone', '--with', 'api', '--worker-role', 'turner', '--api-role', 'doorman'],
    { SUPAQUEUE_DB_URL: url, SUPAQUEUE_WORKER_PASSWORD: PASSWORD, SUPAQUEUE_API_PASSWORD: PASSWORD },
  )

const remove = () => run(['remove', '--yes'], { SUPAQUEUE_DB_URL: direct() })

/** Installs over a line that breaks there, and fixes it. */
async function installCut([where, cut]: Cut): Promise<void> {
  await line.leadTo(direct())
  const url = new URL(direct())
  url.host = new URL(line.url).host
  cut()
  const broken = await install(url.href)
  line.interrupt(undefined)
  line.beforeAnswer(undefined)
  await line.cut()
  await line.fix()
  expect([where, broken.code, broken.out]).toEqual([
    where,
    expect.not.toBeOneOf([0]),
    expect.stringMatching(/SQ\d{3}: .*\nWhat to do: ./s),
  ])
}

test('cut off anywhere, the same command goes on where it stopped', async () => {
  const before = await bare.roles()
  for (const cut of [...BEFORE_THE_MARK, ...BEHIND_IT]) await installCut(cut)

  const whole = await install(direct())

  expect(whole.code, whole.out).toBe(0)
  const { stop } = await openWork(
    { dbUrl: [bare.urlOf('turner', 'cut')], queue: [], concurrency: 1, connections: 1, host: '127.0.0.1' },
    silentDeps({ env: {}, cwd: '/nowhere' }),
  )
  await stop()
  const removed = await remove()
  expect(removed.code, removed.out).toBe(0)
  expect(await bare.roles(), removed.out).toEqual(before)
})

test('whoever has changed their mind meanwhile can remove what is there', async () => {
  const before = await bare.roles()
  for (const cut of BEFORE_THE_MARK.filter((_, at) => [1, 3, 5, 6].includes(at))) {
    await installCut(cut)
    const removed = await remove()
    expect([cut[0], removed.code, removed.out]).toEqual([cut[0], 0, expect.anything()])
    expect([cut[0], await bare.roles()]).toEqual([cut[0], before])
  }
})
