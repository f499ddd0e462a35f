import { edgeFiles, type EdgeFunction } from './edge_files.ts'
import { version } from '../place.ts'
import type { Workdir } from './workdir.ts'

/** Where a function of ours stands in somebody's project. The folder is ours alone. */
export const functionFolder = (fn: EdgeFunction): string => `supabase/functions/${fn}`

// An app whose tsconfig.json or linter includes every file must build as before: what Deno takes, others refuse.
const HEAD =
  `// @ts-nocheck: written by the installer of supaqueue, for Deno. It writes this folder again at each upgrade.
/* eslint-disable */
`

// What earlier releases wrote had no such head.
const OURS =
  /^\/\/ @ts-nocheck: written by the installer of supaqueue|^\/\/ The only file that knows it runs on Deno\.$/m

/** Who has the folder: nobody, we, if a file of ours is in it, or the user, who has a function of that name. */
export function ownerOf(workdir: Workdir, fn: EdgeFunction): 'nobody' | 'us' | 'the user' {
  const files = workdir.files(functionFolder(fn))
  if (files.length === 0) return 'nobody'
  const written = files.filter((name) => name.endsWith('.ts')).map((name) =>
    workdir.read(`${functionFolder(fn)}/${name}`)
  )
  return written.some((text) => OURS.test(text ?? '')) ? 'us' : 'the user'
}

/** In somebody's project a function of ours is a copy of its sources, or the dispatcher an import of the package. */
export type Form = 'copy' | 'import'

/** As it stands there; a copy where there is none yet. */
export const formOf = (workdir: Workdir, fn: EdgeFunction): Form =>
  workdir.read(`${functionFolder(fn)}/index.ts`)?.includes(`'${PACKAGED}'`) ? 'import' : 'copy'

const PACKAGED = 'supaqueue/dispatcher'

/** All of the dispatcher, for who has it from the package: an update is another version. */
const IMPORTING = [
  {
    name: 'index.ts',
    text: `// @ts-nocheck: written by the installer of supaqueue, for Deno. Which release it is stands in deno.json.
import { serve } from '${PACKAGED}'

serve()
`,
  },
  { name: 'deno.json', text: importMap({ [PACKAGED]: packageEntrance('dispatcher') }) },
]

/** What a function imports of the package, of this release. */
export function packageEntrance(name: string): string {
  return `npm:supaqueue@${version}/${name}`
}

export function importMap(imports: Record<string, string>): string {
  return `${JSON.stringify({ imports }, null, 2)}\n`
}

/** Makes the folder of a function in somebody's project what it is here. Says whether anything had to be written. */
export function writeFunctionFolder(workdir: Workdir, fn: EdgeFunction, form = formOf(workdir, fn)): boolean {
  const folder = functionFolder(fn)
  const files = form === 'import'
    ? IMPORTING
    : edgeFiles(fn).map(({ name, text }) => ({ name, text: name.endsWith('.ts') ? HEAD + text : text }))
  const written = files.map(({ name, text }) => workdir.write(`${folder}/${name}`, text))
  const left = workdir.files(folder).filter((name) =>
    /\.(ts|json)$/.test(name) && !files.some((file) => file.name === name)
  )
  const removed = left.map((name) => workdir.remove(`${folder}/${name}`))
  return [...written, ...removed].some(Boolean)
}
