import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const directory = join(import.meta.dirname, 'results')

// More digits than this are noise, and double the file.
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value

/** Writes the results of a run under the time it began, and returns the file's path. */
export function keep(results: { facts: { startedAt: string } }): string {
  mkdirSync(directory, { recursive: true })
  const name = results.facts.startedAt.slice(0, 16).replaceAll(':', '')
  const path = join(directory, `${name}.json`)
  // Samples by the thousand, on one line each time.
  const text = JSON.stringify(results, rounded, 1).replace(/\[[-+.,e\d\s]+\]/g, (list) => list.replace(/\s+/g, ' '))
  writeFileSync(path, `${text}\n`)
  return path
}
