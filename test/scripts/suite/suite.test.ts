import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { burden } from '../../../scripts/suite/burden.ts'
import { LONGEST } from '../../support/longest_first.ts'
import { root } from '../../support/markdown.ts'
import { until } from '../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'sum-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the last line of CI', () => {
  const results = (name: string, numPassedTests: number, numTotalTests: number, success = true) => {
    writeFileSync(join(folder, name), JSON.stringify({ numPassedTests, numTotalTests, success, testResults: [] }))
    return join(folder, name)
  }
  const sum = (status: number, ...files: string[]) => {
    const { stdout, status: code } = spawnSync(process.execPath, ['.ci/sum.mjs', String(status), ...files], {
      cwd: root,
      encoding: 'utf8',
    })
    return { line: stdout, code }
  }

  test('adds tests and proofs', () => {
    expect(sum(0, results('a', 5000, 5000), results('b', 50, 50))).toEqual({ line: '5050 passed, 0 failed\n', code: 0 })
  })

  test('counts as failed what failed, what was left out, what broke before its tests, and results that are not there', () => {
    const good = results('good', 5, 5)

    expect(sum(0, good, results('failed', 4, 6))).toEqual({ line: '9 passed, 2 failed\n', code: 1 })
    expect(sum(0, good, results('broken', 4, 4, false))).toEqual({ line: '9 passed, 1 failed\n', code: 1 })
    const { line, code } = sum(0, good, join(folder, 'none'))
    expect(line).toMatch(/^failed: the results of none cannot be read .*\n5 passed, 1 failed\n$/)
    expect(code).toBe(1)
  })

  test('names what failed before its sum, so that it stands beside it', () => {
    const file = join(folder, 'named')
    const testResults = [{
      name: join(root, 'test/a.test.ts'),
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'goes well', failureMessages: [] },
        { status: 'failed', fullName: 'adds up', failureMessages: ['expected 1 to be 2\nat one\nat two\nat three'] },
        { status: 'skipped', fullName: 'is left out', failureMessages: [] },
      ],
    }, { name: join(root, 'test/b.test.ts'), status: 'failed', message: 'cannot be read', assertionResults: [] }]
    writeFileSync(file, JSON.stringify({ numPassedTests: 1, numTotalTests: 3, success: false, testResults }))

    expect(sum(1, file).line.split('\n').map((line) => line.trim())).toEqual([
      'failed: test/a.test.ts > adds up',
      'expected 1 to be 2',
      'at one',
      'at two',
      'skipped: test/a.test.ts > is left out',
      '',
      'failed: test/b.test.ts',
      'cannot be read',
      '1 passed, 2 failed',
      '',
    ])
  })

  test('may be told that some can be left out, which it names', () => {
    const real = join(folder, 'real')
    writeFileSync(
      real,
      JSON.stringify({ numPassedTests: 4, numPendingTests: 3, numTotalTests: 8, success: false, testResults: [] }),
    )

    expect(sum(0, results('good', 5, 5), '--may-skip', real)).toEqual({
      line: '3 of 8 NOT run, since what they need is not here: real\n9 passed, 1 failed\n',
      code: 1,
    })
  })

  test('does not hide that a step failed that has no tests', () => {
    expect(sum(3, results('good', 5, 5))).toEqual({ line: '5 passed, 0 failed\n', code: 3 })
  })
})

describe('tests and proofs', () => {
  const filesOf = (config: string) =>
    execFileSync('npx', ['vitest', 'list', '--filesOnly', '--config', config], { cwd: root, encoding: 'utf8' })
      .split('\n')
  const withoutProject = (lines: string[]) =>
    lines.map((line) => line.replace(/^\[\w+\] /, '')).filter((line) => line.startsWith('test/'))

  test('each file is one or the other, and CI runs both, and the lane beside the real extensions', () => {
    const listed = filesOf('vitest.config.ts')
    const [tests, proofs] = [withoutProject(listed), withoutProject(filesOf('vitest.proofs.config.ts'))]

    expect(tests.length).toBeGreaterThan(300)
    expect(proofs.length).toBeGreaterThan(8)
    expect(tests.filter((file) => proofs.includes(file))).toEqual([])
    expect(tests.filter((file, place) => tests.indexOf(file) < place), 'files that run twice').toEqual([])
    expect(LONGEST.filter((file) => !tests.includes(file) && !proofs.includes(file)), 'files that are gone').toEqual([])
    // What a process has loaded once has its tests no second time.
    const sharing = withoutProject(listed.filter((line) => line.startsWith('[sharing] ')))
    expect(sharing.length).toBeGreaterThan(300)
    const made = sharing.filter((file) =>
      /\b(?:from|import\(?) ?'[^']+\.test\.ts'/.test(readFileSync(join(root, file), 'utf8'))
    )
    expect(made, 'files that share a process and are made of other tests').toEqual([])
    expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('for part in test test:proofs test:real;')
  })
})

describe('the load that the suite can be run beside', () => {
  test('goes when it is told to, and with whoever made it', async () => {
    const running = (pid: number) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    const program = `
      import { burden } from './scripts/suite/burden.ts'
      import { execFileSync } from 'node:child_process'
      burden(2)
      console.log(execFileSync('pgrep', ['-P', String(process.pid)], { encoding: 'utf8' }).trim().split('\\n').slice(0, 2).join(' '))`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], { cwd: root })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text) => printed += text)
    await until(() => Promise.resolve(printed.includes('\n')))
    const pids = printed.trim().split(' ').map(Number)
    expect(pids.map(running)).toEqual([true, true])
    child.kill('SIGKILL')
    await until(() => Promise.resolve(!pids.some(running)))

    const relieve = burden(1)
    relieve()
  })
})
