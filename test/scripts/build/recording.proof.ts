import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readPage, root } from '../../support/markdown.ts'

test('the recording of a terminal in the docs is what init and dev print today, up to the first job', async () => {
  const program = join(root, 'scripts/build/recording.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, '--print'], { cwd: root })

  expect(stdout).toContain('>The first job is a success: ')
  expect(stdout).toBe(readPage('docs/start/first-job.svg'))
})
