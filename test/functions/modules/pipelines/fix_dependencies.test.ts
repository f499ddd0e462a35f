import { describe, expect } from 'vitest'
import { type House, test } from '../../../support/house.ts'
import { pipeline } from '../../../support/pipeline.ts'

const fix = async (house: House, most = 1000): Promise<number> =>
  (await house.db.query('select supaqueue_internal.fix_dependencies($1) as fixed', [most])).rows[0].fixed

async function dependent(house: House) {
  const queue = await house.queue()
  const [source, target] = [await house.job(queue, { status: 'held' }), await house.job(queue, { status: 'held' })]
  await pipeline(house).depend(target, [source])
  return { queue, source, target }
}

describe('fix_dependencies', () => {
  test('releases a job whose sources are gone, with their dependencies or without', async ({ house, another }) => {
    const admin = await another('admin')
    const [one, two] = [await dependent(house), await dependent(house)]
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query('delete from supaqueue.job where id = any ($1)', [[one.source, two.source]])
    await admin.db.query('delete from supaqueue.job_dependency where source = $1', [two.source])

    await fix(house)

    for (const { target } of [one, two]) {
      expect(await pipeline(house).state(target)).toEqual({ status: 'pending', waits_for: 0 })
      expect(await pipeline(house).edges(target)).toEqual([])
    }
  })

  test('writes down how a source ended whose end nobody saw', async ({ house, another }) => {
    const admin = await another('admin')
    const { source, target } = await dependent(house)
    await admin.db.query('set session_replication_role = replica')
    await admin.db.query(`update supaqueue.job set status = 'success', has_targets = false where id = $1`, [source])

    await fix(house)

    expect(await pipeline(house).state(target)).toEqual({ status: 'pending', waits_for: 0 })
    expect(await house.jobRow(source)).toMatchObject({ has_targets: true })
  })

  test('looks at a part each time, and comes to all', async ({ house, another }) => {
    const admin = await another('admin')
    const targets = []
    for (let i = 0; i < 5; i++) {
      const { source, target } = await dependent(house)
      targets.push(target)
      await admin.db.query('set session_replication_role = replica')
      await admin.db.query('delete from supaqueue.job where id = $1', [source])
      await admin.db.query('reset session_replication_role')
    }

    for (let i = 0; i < 30; i++) await fix(house, 2)

    for (const target of targets) expect((await house.jobRow(target)).status).toBe('pending')
  })

  test('leaves what is as it should be, and writes nothing', async ({ house }) => {
    await fix(house)
    const { target } = await dependent(house)

    expect(await fix(house)).toBe(0)

    expect(await pipeline(house).state(target)).toEqual({ status: 'held', waits_for: 1 })
  })
})
