import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root } from '../../support/markdown.ts'

const notes = `# Notes

The first paragraph is short. It has two sentences.

The second paragraph
goes on over two lines.

- an item
`

describe('pnpm demo', () => {
  let folder: string
  let file: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'demo-'))
    // Postgres refuses to run as root, and its own user must get in.
    chmodSync(folder, 0o777)
    file = join(folder, 'notes.md')
    writeFileSync(file, notes)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('with --json prints one summary in which all is well, and nothing else', async () => {
    const { code, stdout } = await run([file, '--json'])

    expect(code).toBe(0)
    const summary = JSON.parse(stdout)
    expect(summary).toMatchObject({ ok: true, file, jobs: 6, success: 5, failed: 1, workers: 3, split_into: 4 })
    expect(summary.merged).toMatchObject({ paragraphs: 4, unread: [4], words: 19, sentences: 4 })
    expect(summary.most_at_once).toBeGreaterThanOrEqual(1)
    expect(summary.most_at_once).toBeLessThanOrEqual(3)
    expect(summary.paragraphs).toMatchObject([
      { text: 'The first paragraph is short. It has two sentences.', words: 9, sentences: 2, attempts: 1 },
      { text: 'The second paragraph goes on over two lines.', words: 8, sentences: 1, attempts: 3, status: 'success' },
      { text: 'an item', words: 2, attempts: 1, status: 'success' },
      { text: '* * *', words: null, attempts: 3, status: 'failed' },
    ])
  })

  test('into a pipe prints plain lines: progress, a table, a conclusion and what to try next', async () => {
    const { code, stdout, stderr } = await run([file])

    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(['\r', '\x1b'].filter((control) => stdout.includes(control))).toEqual([])
    expect(stdout).toMatch(/^pending 0 {2}running 0 {2}done 5 {2}failed 1 {2}[\d.]+ jobs\/s$/m)
    expect(stdout).toMatch(/^2 {2}The second paragraph goes on over two lines\. +8 .* 3 {2}success$/m)
    expect(stdout).toMatch(/^6 jobs in .*: 5 success, 1 failed\. All ended as they should\.$/m)
    expect(stdout).toContain('What to try next:')
  })

  test('interrupted, stops what it started and leaves nothing behind', async () => {
    const { code, stdout } = await run([file], 'Enqueuing')

    expect(code).toBe(130)
    expect(stdout).toMatch(/\nStopping \.\.\.\n$/)
    // tsx keeps what it compiled.
    expect(readdirSync(folder).filter((name) => !name.startsWith('tsx-'))).toEqual(['notes.md'])
  })

  test('refuses a file that it cannot read with exit code 2, before anything is started', async () => {
    const { code, stdout, stderr } = await run([join(folder, 'nowhere.txt')])

    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      `SQ422: There is no file ${join(folder, 'nowhere.txt')}.\n` +
        'What to do: Give a file with some text in it, plain or Markdown, in UTF-8: pnpm demo notes.txt\n',
    )
  })

  test('refuses a text without a paragraph', async () => {
    writeFileSync(file, '# Only a heading\n')

    const { code, stderr } = await run([file])

    expect(code).toBe(2)
    expect(stderr).toMatch(/^SQ422: .* has no paragraph in it/)
  })

  test('--help explains its options and exit codes', async () => {
    const { code, stdout } = await run(['--help'])

    expect(code).toBe(0)
    expect(stdout).toMatch(/--json[\s\S]*Exit code/)
  })

  /** Runs the command; interrupts it once it has printed `interruptAt`. */
  function run(args: string[], interruptAt?: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo/demo.ts', ...args], {
        cwd: root,
        env: { ...process.env, TMPDIR: folder },
      })
      let stdout = ''
      let stderr = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text
        if (interruptAt && stdout.includes(interruptAt)) {
          child.kill('SIGINT')
          interruptAt = undefined
        }
      })
      child.stderr.setEncoding('utf8').on('data', (text) => stderr += text)
      child.once('close', (code) => resolve({ code, stdout, stderr }))
    })
  }
})
