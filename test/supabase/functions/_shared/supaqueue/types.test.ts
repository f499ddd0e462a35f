import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../../../support/markdown.ts'

const options = {
  strict: true,
  noUncheckedIndexedAccess: true,
  target: 'es2022',
  lib: 'es2022,dom,dom.iterable',
  module: 'preserve',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
}

test('types flow from the schemas of a queue to both ends, and what does not fit does not compile', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])

  const said = await new Promise<string>((resolve) => {
    const file = join(import.meta.dirname, 'support/types.ts')
    execFile(process.execPath, [compiler, ...flags, file], { cwd: root }, (_, out) => resolve(out))
  })

  expect(said).toBe('')
})
