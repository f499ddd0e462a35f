import { existsSync, watch } from 'node:fs'

/** Calls `changed` with the first folder name of every path that changes in `folders`. Answers with the way to stop. */
export function watchFolders(folders: string[], changed: (name: string) => void): () => void {
  const watchers = folders.filter((folder) => existsSync(folder)).map((folder) =>
    watch(folder, { recursive: true, persistent: false }, (_event, path) => {
      const name = path?.split(/[\\/]/)[0]
      if (name) changed(name)
    })
  )
  return () => watchers.forEach((watcher) => watcher.close())
}
