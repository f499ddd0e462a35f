// node sum.mjs <status> <results of Vitest>... [--may-skip <results>...]: prints "N passed, N failed" of all of them. What was
// left out, what did not run because its file broke, and results that are not there count as failed. Behind --may-skip what
// was left out is named instead.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

const [status, ...files] = process.argv.slice(2)
let [passed, failed] = [0, 0]
let maySkip = false
for (const file of files) {
  if (file === '--may-skip') {
    maySkip = true
    continue
  }
  try {
    const { numPassedTests, numPendingTests, numTotalTests, success } = JSON.parse(readFileSync(file, 'utf8'))
    const skipped = maySkip ? numPendingTests : 0
    if (skipped > 0) {
      console.log(`${skipped} of ${numTotalTests} NOT run, since what they need is not here: ${basename(file)}`)
    }
    passed += numPassedTests
    failed += Math.max(numTotalTests - numPassedTests - skipped, success ? 0 : 1)
  } catch {
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? Number(status) : 1)
