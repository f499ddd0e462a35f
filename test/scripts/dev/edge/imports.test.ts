import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withReplacement } from '../../../../scripts/dev/edge/imports.ts'

let folder: string
beforeEach(() => folder = mkdtempSync(join(tmpdir(), 'imports-')))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const replacement = { name: 'supaqueue', entrances: { '': '/here/index.js', 'edge': '/here/edge.js' }, imports: {} }

/** The import map that Deno is given for functions/greet. */
function mapped(importMap?: string): Record<string, string> {
  const fn = {
    name: 'greet',
    folder: join(folder, 'functions/greet'),
    entry: join(folder, 'functions/greet/index.ts'),
    verifyJwt: false,
  }
  const made = withReplacement({ ...fn, ...(importMap && { importMap: join(folder, importMap) }) }, replacement, folder)
  return JSON.parse(readFileSync(made.importMap!, 'utf8')).imports
}

describe('a function that imports the package', () => {
  test.each([
    ['npm:supaqueue@0.2.0/edge', 'file:///here/edge.js'],
    ['npm:/supaqueue@^0.2/edge', 'file:///here/edge.js'],
    ['npm:supaqueue', 'file:///here/index.js'],
    ['npm:supaqueuer@1/edge', 'npm:supaqueuer@1/edge'],
    ['npm:zod@4.6.7', 'npm:zod@4.6.7'],
  ])('gets for %s what is here', (target, found) => {
    put('functions/greet/deno.json', JSON.stringify({ imports: { it: target } }))

    expect(mapped('functions/greet/deno.json').it).toBe(found)
  })

  test('also where its map has a whole folder, or where the specifier stands in the code', () => {
    put('functions/greet/deno.json', '{ "imports": { "supaqueue/": "npm:/supaqueue@0.1.0/" } }')
    put('functions/greet/index.ts', `import { handle } from 'npm:supaqueue@0.1.0/edge'`)

    expect(mapped('functions/greet/deno.json')).toMatchObject({
      'supaqueue/edge': 'file:///here/edge.js',
      'npm:supaqueue@0.1.0/edge': 'file:///here/edge.js',
    })
  })
})

test('the rest of an import map holds from elsewhere, too: comments, paths, a map of its own', () => {
  put(
    'functions/greet/deno.json',
    `{
    // Ours.
    "imports": { "lib/": "../_shared/lib/", "url": "https://esm.sh/a", /* last */ },
    "importMap": "./more.json",
  }`,
  )
  put('functions/greet/more.json', '{ "imports": { "more": "./more.ts" } }')

  expect(mapped('functions/greet/deno.json')).toMatchObject({
    'lib/': `file://${folder}/functions/_shared/lib/`,
    'url': 'https://esm.sh/a',
    'more': `file://${folder}/functions/greet/more.ts`,
  })
})

test('one map for all functions is read where a function has none of its own', () => {
  put('functions/import_map.json', '{ "imports": { "zod": "npm:zod@3" } }')

  expect(mapped()).toMatchObject({ zod: 'npm:zod@3' })
})
