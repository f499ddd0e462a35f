import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventory } from '../../../support/inventory.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

// One story, told in order: each test goes on where the one before has left the project.
describe('with a queue that is open to end users', () => {
  let project: Hosted
  let before: string[]
  beforeAll(async () => {
    project = await startHosted()
    before = await inventory(project.adminUrl)
    await project.run(['install', '--yes'])
    await project.db.query(`
      insert into supaqueue.queue (edge_function_name) values ('hello');
      select supaqueue.allow('hello', 'authenticated', live => true)`)
  })
  afterAll(() => project?.stop())

  const open = async () =>
    (await project.db.query(`
      select proname from pg_proc
      where pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
        and proname like 'supaqueue%'
      order by proname`)).rows.map(({ proname }) => proname)

  test('a second install leaves it open', async () => {
    await project.run(['install', '--yes'])

    expect(await open()).toEqual(['supaqueue_cancel', 'supaqueue_enqueue', 'supaqueue_signal', 'supaqueue_status'])
  })

  test('remove --keep-data closes it, and a later install opens it again', async () => {
    const { code } = await project.run(['remove', '--keep-data', '--yes'])
    const kept = await open()
    await project.run(['install', '--yes'])

    expect(code).toBe(0)
    expect(kept).toEqual([])
    expect(await open()).toHaveLength(4)
  })

  test('remove leaves no trace', async () => {
    const { code } = await project.run(['remove', '--yes'])

    expect(code).toBe(0)
    expect(await inventory(project.adminUrl)).toEqual(before)
  })
})
