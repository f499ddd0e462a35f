import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { openDatabase } from '../../../scripts/cli/project/database.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { scramVerifier, workerRoleStep } from '../../../scripts/cli/steps/worker_role.ts'
import { until } from '../../support/until.ts'
import { openScene, type Scene } from '../work/support/scene.ts'

let scene: Scene
beforeEach(async () => scene = await openScene())
afterEach(() => scene.close())

test('a password is kept as PostgreSQL keeps it', () => {
  // RFC 7677 has salt and password of its example; the keys follow from them.
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

test('the role takes turns, also after an upgrade, and may do nothing else', async () => {
  const database = await scene.database()
  const role = `worker_${randomBytes(4).toString('hex')}`
  const admin = await database.connect('admin')
  const db = openDatabase(database.ownerUrl)
  const step = workerRoleStep(role, () => Promise.resolve('a-long-password'))
  const project = { db } as Project
  try {
    expect(await step.isInPlace(project)).toBe(false)
    await step.putInPlace(project)
    await applyDatabase(database.ownerUrl)
    expect(await step.isInPlace(project)).toBe(true)

    const url = new URL(database.ownerUrl)
    url.username = role
    url.password = 'a-long-password'
    const queue = await database.queue()
    await database.owner.jobs(queue, 10)
    const { stop } = await scene.work([{ ...database, ownerUrl: url.href }])
    await until(async () => await database.done(queue) === 10)
    await stop()

    const { rows: may } = await admin.query(
      `select p.oid::regprocedure::text as signature from pg_proc as p
       where p.pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
         and has_function_privilege($1, p.oid, 'execute')`,
      [role],
    )
    expect(may).toEqual([{ signature: 'supaqueue_internal.direct_turn(jsonb)' }])
    await admin.query(`set session authorization ${role}`)
    for (
      const statement of ['select from supaqueue.job', `select public.supaqueue_turn('{}')`, 'select supaqueue.sweep()']
    ) {
      await expect(admin.query(statement)).rejects.toMatchObject({ code: '42501' })
    }
    await admin.query('reset session authorization')
  } finally {
    await db.end()
    await admin.query('reset session authorization')
    await admin.query(`drop owned by ${role}; drop role ${role}`)
  }
})
