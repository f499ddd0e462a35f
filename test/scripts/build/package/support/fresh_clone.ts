import { execFileSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../../support/markdown.ts'

/** Copies into a folder what somebody has who has just cloned this repository: its files, as they are here, and no packages. */
export function cloneInto(folder: string): void {
  const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  for (const file of files.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))) {
    cpSync(join(root, file), join(folder, file), { recursive: true })
  }
}
