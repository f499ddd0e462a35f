import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/markdown.ts'

const folder = join(root, 'console')
const sheets = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.css'))

/** What stands in the blocks that only one of the two schemes has. */
const dark = sheets.flatMap((file) =>
  [
    ...readFileSync(join(folder, file), 'utf8').matchAll(
      /(?:prefers-color-scheme: dark\) \{\s*[^{]*|data-theme='dark'\][^{]*)\{([^}]*)\}/g,
    ),
  ].map((match) => match[1]!)
)

test('light and dark differ in colors alone, so that only these are looked at twice', () => {
  const declarations = dark.join(';').split(';').map((text) => text.trim()).filter((text) => text !== '')

  expect(declarations.length).toBeGreaterThan(20)
  expect(declarations.filter((text) => !/^(color-scheme: dark|--[a-z-]+: (#[0-9a-f]{6}|none))$/.test(text))).toEqual([])
  const named = sheets.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  expect(named.match(/prefers-color-scheme|data-theme='dark'/g)).toHaveLength(dark.length)
})
