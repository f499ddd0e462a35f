import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { HintedError } from '../hinted_error.ts'

const root = join(import.meta.dirname, '../..')

/** Where the package's sources are. */
export const kitFolder = join(root, 'supabase/functions/_shared/supaqueue')

/**
 * Makes of the kit what npm wants, in a folder that is emptied first: JavaScript, declarations, package.json, README and
 * license. It can be published from there as it stands. Throws `SQ422` when the sources do not compile.
 */
export function buildPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  compile(folder)
  const { exports: entrance, ...about } = JSON.parse(readFileSync(join(kitFolder, 'package.json'), 'utf8'))
  const entry = entrance.replace(/\.ts$/, '')
  const made = {
    ...about,
    exports: { '.': { types: `${entry}.d.ts`, default: `${entry}.js` } },
    types: `${entry}.d.ts`,
    files: ['*.js', '*.d.ts'],
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(made, null, 2)}\n`)
  copyFileSync(join(kitFolder, 'README.md'), join(folder, 'README.md'))
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
}

function compile(outDir: string): void {
  const program = ts.createProgram([join(kitFolder, 'mod.ts')], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    declaration: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
    outDir,
  })
  const { diagnostics } = program.emit()
  const wrong = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (wrong.length === 0) return
  const host = { getCanonicalFileName: (name: string) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' }
  throw new HintedError('SQ422', `the kit does not compile:\n${ts.formatDiagnostics(wrong, host)}`, 'pnpm check')
}
