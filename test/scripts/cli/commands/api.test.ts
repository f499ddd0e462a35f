import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventory } from '../../../support/inventory.ts'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

// One story, told in order: each test goes on where the one before has left the project.
describe('install --with api', () => {
  let project: Hosted
  let before: string[]
  beforeAll(async () => {
    project = await startHosted()
    before = await inventory(project.adminUrl)
  })
  afterAll(() => project?.stop())

  const door = (path: string, key?: string) =>
    fetch(`${project.functionsUrl}/supaqueue-api${path}`, { headers: key ? { authorization: `Bearer ${key}` } : {} })
  const secretKey = () => JSON.parse(project.environment.SUPABASE_SECRET_KEYS!).default as string
  const doctor = async () => {
    const { out } = await project.run(['doctor', '--json'])
    return JSON.parse(out).checks.find(({ name }: { name: string }) => name === 'http API')
  }

  test('is refused where the door could not ask the database', async () => {
    const { code, text } = await project.run(['install', '--yes', '--no-expose', '--with', 'api'])

    expect(code).toBe(1)
    expect(text).toMatch(/SQ409: the HTTP API .*\nWhat to do: Install without --no-expose/)
    await project.run(['remove', '--yes'])
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('without it there is no door', async () => {
    await project.run(['install', '--yes'])

    expect([...project.state.functions.keys()]).toEqual(['supaqueue'])
    expect(await doctor()).toMatchObject({ ok: true, detail: 'not wanted (--with api)' })
  })

  test('a dry run shows that it would be deployed, and does not', async () => {
    const { out } = await project.run(['install', '--dry-run', '--with', 'api'])

    expect(out).toMatch(/\$ supabase functions deploy supaqueue-api --use-api --no-verify-jwt/)
    expect(project.state.functions.has('supaqueue-api')).toBe(false)
  })

  test('puts it there, closed but for whoever has a key; the same command once more changes nothing', async () => {
    const first = await project.run(['install', '--yes', '--with', 'api'])
    const version = project.state.functions.get('supaqueue-api')?.version
    const second = await project.run(['install', '--yes', '--with', 'api'])

    expect([first.code, second.code]).toEqual([0, 0])
    expect(project.state.functions.get('supaqueue-api')).toMatchObject({ version, verify_jwt: false })
    expect((await door('/queues')).status).toBe(401)
    const answer = await door('/queues', secretKey())
    expect([answer.status, await answer.json()]).toEqual([200, { queues: [], next: null }])
    expect(await doctor()).toMatchObject({ ok: true, detail: expect.stringContaining('answers at') })
  })

  test('a later install brings it to its release without being told', async () => {
    await project.db.query(`update supaqueue.setting set value = 'an older release' where name = 'api'`)
    const ill = await doctor()
    await project.run(['upgrade', '--yes'])

    expect(ill).toMatchObject({ ok: false, fix: 'pnpm supaqueue:upgrade' })
    expect(await doctor()).toMatchObject({ ok: true })
  })

  test('remove --keep-data takes it away, a later install brings it back', async () => {
    await project.run(['remove', '--keep-data', '--yes'])
    const removed = [...project.state.functions.keys()]
    await project.run(['install', '--yes'])

    expect(removed).toEqual([])
    expect([...project.state.functions.keys()].sort()).toEqual(['supaqueue', 'supaqueue-api'])
  })

  test('remove leaves no trace of it', async () => {
    const { code } = await project.run(['remove', '--yes'])

    expect(code).toBe(0)
    expect([...project.state.functions.keys()]).toEqual([])
    expect(await inventory(project.adminUrl)).toEqual(before)
  })

  test('--into writes it beside the dispatcher, and a second run without its name keeps it up to date', async () => {
    const shop = join(project.folder, 'shop')
    const functions = join(shop, 'supabase/functions')
    mkdirSync(join(shop, 'supabase'), { recursive: true })
    writeFileSync(join(shop, 'supabase/config.toml'), '')

    const { text } = await project.run(['install', '--into', 'shop', '--with', 'api'])
    writeFileSync(join(functions, 'supaqueue-api/index.ts'), '// of an older release')
    await project.run(['install', '--into', 'shop'])

    expect(text).toContain('supabase functions deploy supaqueue supaqueue-api ')
    expect(readdirSync(functions).sort()).toEqual(['supaqueue', 'supaqueue-api'])
    expect(readFileSync(join(functions, 'supaqueue-api/index.ts'), 'utf8')).toContain('Deno.serve')
    expect(readFileSync(join(shop, 'supabase/config.toml'), 'utf8')).toMatch(
      /\[functions\.supaqueue-api\]\nverify_jwt = false\nimport_map = "\.\/functions\/supaqueue-api\/deno\.json"/,
    )
  })
})
