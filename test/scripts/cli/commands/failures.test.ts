import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Hosted, startHosted } from '../../../support/management_api/hosted.ts'

let project: Hosted
beforeAll(async () => {
  project = await startHosted({ cron: false, net: false })
})
afterAll(() => project?.stop())
afterEach(() => project.mock.fix())

const hint = (text: string) => /What to do: (.*)$/m.exec(text)?.[1]

describe('a platform that does not play along is named, with what to do, and nothing is changed', () => {
  const cases: { how: Parameters<Hosted['mock']['fail']>[0]; says: RegExp; what: RegExp }[] = [
    {
      how: { how: 401 },
      says: /SQ401: look up the project \w+: the platform answered 401/,
      what: /access token is not valid/,
    },
    { how: { how: 403 }, says: /SQ403: .* 403/, what: /administrator or developer/ },
    { how: { how: 404 }, says: /SQ404: .* 404/, what: /Check the project ref/ },
    { how: { how: 429 }, says: /SQ429: .* 429/, what: /Wait one, then run the same command again/ },
    { how: { how: 500 }, says: /SQ502: .* 500/, what: /Run the same command again/ },
    { how: { how: 'cut' }, says: /SQ504: .* cannot be reached/, what: /Check the network/ },
    { how: { how: 'silence' }, says: /SQ504: .* cannot be reached \(no answer in time\)/, what: /Check the network/ },
  ]
  for (const { how, says, what } of cases) {
    test(String(how.how), async () => {
      project.mock.fail(how)
      const { code, text } = await project.run(['install', '--yes'], { env: { SUPAQUEUE_TIMEOUT_MS: '300' } })

      expect(text).toMatch(says)
      expect(hint(text)).toMatch(what)
      expect(code).toBe(how.how === 404 ? 5 : 4)
      expect((await project.db.query(`select to_regnamespace('supaqueue') as schema`)).rows[0].schema).toBeNull()
    })
  }

  test('a CLI that does not end in time', async () => {
    project.mock.fail({ method: 'POST', path: /deploy/, how: 'silence' })
    const { code, text } = await project.run(['install', '--yes'], { env: { SUPAQUEUE_TIMEOUT_MS: '2500' } })

    expect(text).toMatch(/SQ504: deploy the function supaqueue: .*the Supabase CLI did not end in time/)
    expect(code).toBe(4)
  })
})

describe('a passing failure is lived through', () => {
  const retrying = { env: { SUPABASE_API_MAX_RETRIES: '2' } }

  test('too many requests, with the wait that the platform asks for', async () => {
    project.mock.fail({ method: 'GET', how: 429, times: 1, headers: { 'retry-after': '0.1' } })
    const { code } = await project.run(['install', '--dry-run'], retrying)

    expect(code).toBe(0)
  })

  test('a reading that fails once', async () => {
    project.mock.fail({ method: 'GET', how: 503, times: 1 })
    const { code } = await project.run(['install', '--dry-run'], retrying)

    expect(code).toBe(0)
  })
})

describe('what is missing or wrong is said before anything is done', () => {
  const refused = async (env: Record<string, string>, args: string[] = []) => {
    const { code, text } = await project.run(['install', '--yes', ...args], { env })
    return { code, text }
  }

  test('the ref, where nobody is there to ask', async () => {
    const { code, text } = await refused({ SUPABASE_PROJECT_ID: '' })

    expect(text).toMatch(/SQ422: there is no terminal to ask on: Project ref/)
    expect(hint(text)).toMatch(/--project-ref or SUPABASE_PROJECT_ID/)
    expect(code).toBe(2)
  })

  test('a ref that is none', async () => {
    expect(await refused({}, ['--project-ref', 'MyProject'])).toMatchObject({
      code: 2,
      text: expect.stringContaining('MyProject is not a project ref'),
    })
  })

  test('a token that is none', async () => {
    expect(await refused({ SUPABASE_ACCESS_TOKEN: 'eyJhbGciOi' })).toMatchObject({
      code: 2,
      text: expect.stringMatching(/access token is not one(?!.*eyJ)/s),
    })
  })

  test('a password that the database refuses', async () => {
    const { code, text } = await refused({ SUPABASE_DB_PASSWORD: 'not-this-one' })

    expect(text).toMatch(/SQ401: the database at 127.0.0.1:\d+ refused the password/)
    expect(text).not.toContain('not-this-one')
    expect(code).toBe(4)
  })

  test('a database where nobody listens', async () => {
    const { code, text } = await refused({}, ['--db-url', 'postgresql://postgres@127.0.0.1:9/postgres'])

    expect(text).toMatch(/SQ504: the database at 127.0.0.1:9 could not be connected to/)
    expect(code).toBe(4)
  })

  test('an option that does not exist', async () => {
    expect(await refused({}, ['--force'])).toMatchObject({
      code: 2,
      text: expect.stringContaining(`unknown option '--force'`),
    })
  })

  test('a function of the user with a name of ours is not replaced', async () => {
    await project.run(['remove', '--yes'])
    await project.db.query(
      `create function public.end_current_job(cur_job_id uuid, _is_complete boolean, _is_successful boolean)
       returns void language sql as 'select'`,
    )
    const { code, text } = await refused({})
    await project.db.query('drop function public.end_current_job')

    expect(text).toContain('SQ409: there is a function of your own named public.end_current_job')
    expect(code).toBe(1)
  })
})

test('answers are asked for, and the ref is offered the next time; no secret is kept', async () => {
  const env = { SUPABASE_PROJECT_ID: '', SUPABASE_ACCESS_TOKEN: '', SUPABASE_DB_PASSWORD: '' }
  const { ownerUrl, state } = project
  const password = new URL(ownerUrl).password
  const first = await project.run(['install', '--dry-run'], { env, answers: [state.ref, state.token, password] })
  const second = await project.run(['install', '--dry-run'], { env, answers: ['', state.token, password] })

  expect(first.code).toBe(0)
  expect(second.text).toContain(`Project ref [${state.ref}]: `)
  expect(second.code).toBe(0)
  expect(project.files()).not.toContain(state.token)
  expect(project.files()).not.toContain(password)
})
