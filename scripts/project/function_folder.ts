import { dispatcherFiles } from './dispatcher_files.ts'
import type { Workdir } from './workdir.ts'

export const FUNCTION_FOLDER = 'supabase/functions/supaqueue'

/** Makes the folder of the dispatcher in somebody's project what it is here. The folder is ours alone. */
export function writeFunctionFolder(workdir: Workdir): boolean {
  const files = dispatcherFiles()
  const written = files.map(({ name, text }) => workdir.write(`${FUNCTION_FOLDER}/${name}`, text))
  const left = workdir.list(FUNCTION_FOLDER).filter((name) =>
    /\.(ts|json)$/.test(name) && !files.some((file) => file.name === name)
  )
  const removed = left.map((name) => workdir.remove(`${FUNCTION_FOLDER}/${name}`))
  return [...written, ...removed].some(Boolean)
}
