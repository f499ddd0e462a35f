import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = join(import.meta.dirname, 'results')

/** Writes the results of a run under the time it began, and returns the file's path. */
export function keep(results: { facts: { startedAt: string } }): string {
  mkdirSync(directory, { recursive: true })
  const name = results.facts.startedAt.slice(0, 16).replaceAll(':', '')
  const path = join(directory, `${name}.json`)
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
  return path
}
