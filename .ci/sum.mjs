// node sum.mjs <status> <results of Vitest>... [--may-skip <results>...]: prints "N passed, N failed" of all of them. What was
// left out, what did not run because its file broke, and results that are not there count as failed, and are named before the
// sum. Behind --may-skip what was left out is only counted.
import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'

const first = (text = '') => text.split('\n').slice(0, 3).join('\n  ')

const [status, ...files] = process.argv.slice(2)
let [passed, failed] = [0, 0]
let maySkip = false
for (const file of files) {
  if (file === '--may-skip') {
    maySkip = true
    continue
  }
  try {
    const { numPassedTests, numPendingTests, numTotalTests, success, testResults } = JSON.parse(
      readFileSync(file, 'utf8'),
    )
    const skipped = maySkip ? numPendingTests : 0
    if (skipped > 0) {
      console.log(`${skipped} of ${numTotalTests} NOT run, since what they need is not here: ${basename(file)}`)
    }
    for (const { name, status, message, assertionResults } of testResults) {
      const broken = assertionResults.filter((test) =>
        !['passed', ...maySkip ? ['skipped', 'pending'] : []].includes(test.status)
      )
      for (const test of broken) {
        console.log(`${test.status}: ${relative('', name)} > ${test.fullName}\n  ${first(test.failureMessages[0])}`)
      }
      if (status === 'failed' && broken.length === 0) console.log(`failed: ${relative('', name)}\n  ${first(message)}`)
    }
    passed += numPassedTests
    failed += Math.max(numTotalTests - numPassedTests - skipped, success ? 0 : 1)
  } catch (reason) {
    console.log(`failed: the results of ${basename(file)} cannot be read (${reason.message})`)
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? Number(status) : 1)
