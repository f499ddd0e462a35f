import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { openDatabase } from '../../../scripts/cli/project/database.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { loginRolesBack, loginRoleStep, scramVerifier } from '../../../scripts/cli/steps/login_role.ts'
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
  const step = loginRoleStep('worker', role, () => Promise.resolve('a-long-password'))
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

test('a role for the HTTP API may call its one function, one for both may call both, and goes with both', async () => {
  const database = await scene.database()
  const role = `both_${randomBytes(4).toString('hex')}`
  const admin = await database.connect('admin')
  const db = openDatabase(database.ownerUrl)
  const project = { db, note: () => {} } as unknown as Project
  const may = async () =>
    (await admin.query(
      `select p.proname as name from pg_proc as p
       where p.pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace)
         and has_function_privilege($1, p.oid, 'execute') order by 1`,
      [role],
    )).rows.map(({ name }) => name)
  try {
    await loginRoleStep('api', role, () => Promise.resolve('a-long-password')).putInPlace(project)
    expect(await may()).toEqual(['direct_api'])
    const worker = loginRoleStep('worker', role, () => Promise.reject(new Error('it is there already')))
    expect(await worker.isInPlace(project)).toBe(false)
    await worker.putInPlace(project)
    expect(await may()).toEqual(['direct_api', 'direct_turn'])

    const back = await loginRolesBack(project)
    expect(back).toHaveLength(1)
    expect(await back[0]!.takeAway(project, { keepData: false })).toBe(true)
    expect((await admin.query('select from pg_roles where rolname = $1', [role])).rows).toEqual([])
  } finally {
    await db.end()
  }
})

test('is taken away with the last database that it works for; one that somebody else had made stays, without rights', async () => {
  const [one, other] = [await scene.database(), await scene.database()]
  const suffix = randomBytes(4).toString('hex')
  const [ours, theirs] = [`worker_${suffix}`, `theirs_${suffix}`]
  const admin = await one.connect('admin')
  await admin.query(`create role ${theirs} login`)
  const notes: string[] = []
  const projectOf = ({ ownerUrl }: { ownerUrl: string }) =>
    ({ db: openDatabase(ownerUrl), note: (line: string) => void notes.push(line) }) as unknown as Project
  const projects = [projectOf(one), projectOf(other)] as [Project, Project]
  const rolesLeft = async () =>
    (await admin.query('select rolname from pg_roles where rolname = any ($1) order by 1', [[ours, theirs]])).rows.map((
      { rolname },
    ) => rolname)
  const takeAway = async (project: Project, keepData = false) => {
    const steps = await loginRolesBack(project)
    const taken: boolean[] = []
    for (const step of steps) taken.push(await step.takeAway(project, { keepData }))
    return taken
  }
  try {
    for (const project of projects) {
      for (const role of [ours, theirs]) {
        await loginRoleStep('worker', role, () => Promise.resolve('a-long-password')).putInPlace(project)
      }
    }

    expect(await takeAway(projects[0], true)).toEqual([false, false])
    expect(notes).toHaveLength(2)
    expect(await takeAway(projects[0])).toEqual([false, false])
    expect(notes.slice(2)).toEqual([expect.stringContaining(`The role ${ours} came with supaqueue and stays`)])
    expect(await rolesLeft()).toEqual([theirs, ours])
    expect(await loginRolesBack(projects[0])).toEqual([])
    expect((await takeAway(projects[1])).toSorted()).toEqual([false, true])
    expect(await rolesLeft()).toEqual([theirs])
  } finally {
    for (const { db } of projects) await db.end()
    await admin.query(`drop owned by ${theirs}; drop role ${theirs}; drop role if exists ${ours}`)
  }
})
