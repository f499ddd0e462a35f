import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { type Database, openDatabase } from '../../../scripts/cli/project/database.ts'
import type { DataApi } from '../../../scripts/cli/project/data_api.ts'
import { conceal, expose, exposed, ownRooms } from '../../../scripts/cli/project/exposed.ts'
import { bareDatabase } from '../../support/management_api/bare_database.ts'
import { until } from '../../support/until.ts'

let bare: Awaited<ReturnType<typeof bareDatabase>>
let admin: Database
let owner: Database
beforeAll(async () => {
  bare = await bareDatabase('own')
  admin = openDatabase(bare.adminUrl)
  owner = openDatabase(bare.ownerUrl)
})
afterAll(async () => {
  await admin?.end()
  await owner?.end()
  await bare?.drop()
})

const listOf = (...schemas: string[]): DataApi & { list: string[] } => {
  const dataApi = {
    list: schemas,
    schemas: () => Promise.resolve(dataApi.list),
    setSchemas: (list: string[]) => Promise.resolve(void (dataApi.list = list)),
  }
  return dataApi
}

/** In this database alone: others of the cluster have the same role. */
const byRole = (clause: string) =>
  admin.change(`alter role authenticator in database ${new URL(bare.adminUrl).pathname.slice(1)} ${clause}`)

/** What somebody hears who listens as PostgREST does. */
async function heard(work: () => Promise<unknown>): Promise<string[]> {
  const client = new pg.Client({ connectionString: bare.adminUrl })
  const told: string[] = []
  client.on('notification', ({ payload }) => void told.push(payload ?? ''))
  await client.connect()
  await client.query('listen pgrst')
  try {
    await work()
    await admin.change(`notify pgrst, 'the end'`)
    await until(() => Promise.resolve(told.includes('the end')))
  } finally {
    await client.end()
  }
  return told.filter((payload) => payload !== 'the end')
}

test('the list of the platform counts, unless the role has one of its own', async () => {
  const dataApi = listOf('public', 'shop')

  expect(await exposed({ db: admin, dataApi })).toEqual({ schemas: ['public', 'shop'], by: { kind: 'the platform' } })
  await byRole(`set pgrst.db_schemas = 'public, "My Shop"'`)
  try {
    expect((await exposed({ db: admin, dataApi })).schemas).toEqual(['public', 'My Shop'])
  } finally {
    await byRole('reset pgrst.db_schemas')
  }
})

test('what is taken out is taken out of both lists, what others expose stays, and the Data API is told', async () => {
  const dataApi = listOf('public', 'supaqueue', 'fetchq')
  await byRole(`set pgrst.db_schemas = 'public, "My Shop", supaqueue'`)
  try {
    const told = await heard(async () =>
      expect(await conceal({ db: admin, dataApi }, await ownRooms(admin))).toBe(true)
    )

    expect(told).toEqual(['reload config'])
    expect(dataApi.list).toEqual(['public'])
    expect((await exposed({ db: admin, dataApi })).schemas).toEqual(['public', 'My Shop'])
    expect(await conceal({ db: admin, dataApi }, await ownRooms(admin))).toBe(false)
  } finally {
    await byRole('reset pgrst.db_schemas')
  }
})

test('a list that we may not write is refused with the statement that writes it', async () => {
  const dataApi = listOf('public')
  await byRole(`set pgrst.db_schemas = 'public'`)
  try {
    const { by } = await exposed({ db: owner, dataApi })

    await expect(expose({ db: owner, dataApi }, { schemas: ['public', 'supaqueue'], by })).rejects.toMatchObject({
      code: 'SQ403',
      hint: expect.stringMatching(
        /alter role authenticator in database \w+ set pgrst.db_schemas = '"?public"?, "?supaqueue"?'/,
      ),
    })
  } finally {
    await byRole('reset pgrst.db_schemas')
  }
})

test('a schema of the name of an add-on that is not ours is none of our rooms', async () => {
  await admin.change('create schema fetchq')
  try {
    expect(await ownRooms(admin)).not.toContain('fetchq')
  } finally {
    await admin.change('drop schema fetchq')
  }
  expect(await ownRooms(admin)).toContain('fetchq')
})

test('the Data API is told of an installation, and of an upgrade', async () => {
  expect(await heard(() => applyDatabase(bare.ownerUrl))).toContain('reload schema')
  expect(await heard(() => applyDatabase(bare.ownerUrl))).toContain('reload schema')
})
