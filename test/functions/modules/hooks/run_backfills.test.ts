import { expect } from 'vitest'
import { test } from '../../../support/house.ts'
import { begin, filled, goOn, progress } from './backfilled.ts'

test('run_backfills does for each what its rate allows, is stopped by none, and is for the owner alone', async ({ house, another }) => {
  const owner = await another('owner')
  const [broken, well] = [await filled(owner, 50), await filled(owner, 50)]
  const bad = await begin(owner, broken, `, '1 / (new.id - 1) > -5'`)
  const good = await begin(owner, well, ', rate => 1')
  await owner.db.query('update supaqueue.backfill set slice = 1 where id = $1', [bad])

  expect((await house.db.query('select supaqueue_internal.run_backfills() as looked')).rows).toEqual([{ looked: 0 }])
  await goOn(owner, bad)
  await goOn(owner, good)

  expect(await progress(owner, bad)).toMatchObject({
    status: 'running',
    code: '22012',
    reason: 'division by zero',
  })
  const { rows } = await progress(owner, good)
  expect(rows).toBeGreaterThan(9)
  expect(rows).toBeLessThan(50)
})
