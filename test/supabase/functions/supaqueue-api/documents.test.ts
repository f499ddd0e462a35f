import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiPage, openApiJson, openApiYaml } from '../../../../supabase/functions/supaqueue-api/documents.ts'
import { toYaml } from '../../../../supabase/functions/supaqueue-api/yaml.ts'
import { type Door, openDoor } from './support/door.ts'

const root = new URL('../../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

let door: Door

beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door?.close())

describe('the OpenAPI document', () => {
  test('in docs/ is the one that is served, and so is its page: tsx scripts/build/openapi.ts writes them anew', async () => {
    expect(read('docs/openapi.json')).toBe(openApiJson())
    expect(read('docs/openapi.yaml')).toBe(openApiYaml())
    expect(read('docs/api.html')).toBe(await apiPage())
  })

  test.for(['/', '/swagger/index.html'])(
    'is shown at %s by a page that runs and reaches nothing but the door',
    async (path) => {
      const { headers, body } = await door.send(path, { key: null })

      expect(headers.get('content-security-policy')).toBe(`connect-src 'self'; frame-ancestors 'none'`)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      const policy = /http-equiv="content-security-policy" content="([^"]+)"/.exec(body)![1]!
      expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; /)
    },
  )

  test('is of OpenAPI 3.1 and of this release, and has every route of taskq', () => {
    const document = JSON.parse(openApiJson())

    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe(JSON.parse(read('package.json')).version)
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`)
    )
    expect(operations).toEqual(expect.arrayContaining([
      'POST /tasks',
      'GET /tasks/{task_id}',
      'POST /dlq/reprocess',
      'POST /task-types',
      'GET /task-types/{task_type}',
      'GET /metrics',
    ]))
  })

  test('has no route that the page of the reference does not name', () => {
    const page = read('docs/reference/http-api.md')
    const paths = Object.keys(JSON.parse(openApiJson()).paths as Record<string, unknown>)
    // After the first of several, the page gives the last part alone.
    const isNamed = (path: string) =>
      page.includes(` ${path}\``) || page.includes(` ${path}?`) || page.includes(`\`/${path.split('/').at(-1)}\``)

    expect(paths.filter((path) => !isNamed(path))).toEqual([])
  })

  test('is closed: every reference in it leads somewhere', () => {
    const document = JSON.parse(openApiJson())
    const references = new Set([...openApiJson().matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path]) => path!))

    for (const path of references) {
      expect(path.split('/').reduce((place, name) => place?.[name], document), path).toBeDefined()
    }
    expect(references.size).toBeGreaterThan(10)
  })

  test('is served to everybody, as JSON and as YAML', async () => {
    const json = await door.send('/openapi.json', { key: null })
    const yaml = await door.send('/openapi.yaml', { key: null })

    expect([json.status, json.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(json.body).toEqual(JSON.parse(openApiJson()))
    expect([yaml.status, yaml.headers.get('content-type')]).toEqual([200, 'application/yaml; charset=utf-8'])
    expect(yaml.body).toBe(openApiYaml())
  })
})

describe('YAML', () => {
  test.for(
    [
      [{ a: 1, b: [true, null, 'x'] }, 'a: 1\nb:\n  - true\n  - null\n  - x\n'],
      [[{ a: 1, b: 2 }, [3]], '- a: 1\n  b: 2\n- - 3\n'],
      [{ a: {}, b: [] }, 'a: {}\nb: []\n'],
      [{ 404: 'no', 'x-y': 'a: b' }, '"404": "no"\nx-y: "a: b"\n'],
      [{ a: { b: { c: 'd' } } }, 'a:\n  b:\n    c: d\n'],
      ['~', '"~"\n'],
    ] as const,
  )('of %j is as people write it', ([value, text]) => {
    expect(toYaml(value)).toBe(text)
  })
})
