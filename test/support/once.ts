import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'

/** Makes a text that many files of tests need once for the whole run. Who asks while another one makes it, makes it too. */
export async function once(name: string, make: () => Promise<string>): Promise<string> {
  const place = join(inject('scratch'), name)
  if (existsSync(place)) return readFileSync(place, 'utf8')
  const text = await make()
  const whole = `${place}.${randomUUID()}`
  writeFileSync(whole, text)
  renameSync(whole, place)
  return text
}
