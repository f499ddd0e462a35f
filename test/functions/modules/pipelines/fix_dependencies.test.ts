import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

const fix = async (harness: Harness, most = 1000): Promise<number> =>
  (await harness.db.query('select supaqueue_internal.fix_dependencies($1) as fixed', [most])).rows[0].fixed

async function dependent(harness: Harness) {
  const queue = await harness.queue()
  const [source, target] = [await harness.job(queue, { status: 'held' }), await harness.job(queue, { status: 'held' })]
  await pipeline(harness).depend(target, [source])
  return { queue, source, target }
}

describe('fix_dependencies', () => {
  test('releases a job whose sources are gone, with their dependencies or without', async ({ harness, another }) => {
    const admin = await another('admin')
    const [one, two] = [await dependent(harness), await dependent(harness)]
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query('delete from supaqueue.job where id = any ($1)', [[one.source, two.source]])
    await admin.db.query('delete from supaqueue.job_dependency where source = $1', [two.source])

    await fix(harness)

    for (const { target } of [one, two]) {
      expect(await pipeline(harness).state(target)).toEqual({ status: 'pending', waits_for: 0 })
      expect(await pipeline(harness).edges(target)).toEqual([])
    }
  })

  test('writes down how a source ended whose end nobody saw', async ({ harness, another }) => {
    const admin = await another('admin')
    const { source, target } = await dependent(harness)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(`update supaqueue.job set status = 'success', has_targets = false where id = $1`, [source])

    await fix(harness)

    expect(await pipeline(harness).state(target)).toEqual({ status: 'pending', waits_for: 0 })
    expect(await harness.jobRow(source)).toMatchObject({ has_targets: true })
  })

  test('looks at a part each time, and comes to all', async ({ harness, another }) => {
    const admin = await another('admin')
    const targets = []
    for (let i = 0; i < 5; i++) {
      const { source, target } = await dependent(harness)
      targets.push(target)
      await admin.db.query('set session_replication_role = replica')
      await admin.db.query('delete from supaqueue.job where id = $1', [source])
      await admin.db.query('reset session_replication_role')
    }

    for (let i = 0; i < 30; i++) await fix(harness, 2)

    for (const target of targets) expect((await harness.jobRow(target)).status).toBe('pending')
  })

  test('leaves what is as it should be, and writes nothing', async ({ harness }) => {
    await fix(harness)
    const { target } = await dependent(harness)

    expect(await fix(harness)).toBe(0)

    expect(await pipeline(harness).state(target)).toEqual({ status: 'held', waits_for: 1 })
  })
})
