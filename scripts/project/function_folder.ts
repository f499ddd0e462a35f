import { edgeFiles, type EdgeFunction } from './edge_files.ts'
import type { Workdir } from './workdir.ts'

/** Where a function of ours stands in somebody's project. The folder is ours alone. */
export const functionFolder = (fn: EdgeFunction): string => `supabase/functions/${fn}`

/** Makes the folder of a function in somebody's project what it is here. Says whether anything had to be written. */
export function writeFunctionFolder(workdir: Workdir, fn: EdgeFunction): boolean {
  const folder = functionFolder(fn)
  const files = edgeFiles(fn)
  const written = files.map(({ name, text }) => workdir.write(`${folder}/${name}`, text))
  const left = workdir.list(folder).filter((name) =>
    /\.(ts|json)$/.test(name) && !files.some((file) => file.name === name)
  )
  const removed = left.map((name) => workdir.remove(`${folder}/${name}`))
  return [...written, ...removed].some(Boolean)
}
