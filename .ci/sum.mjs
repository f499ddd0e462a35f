// node sum.mjs <status> <results of Vitest>...: prints "N passed, N failed" of all of them. What was left out, what did not
// run because its file broke, and results that are not there count as failed.
import { readFileSync } from 'node:fs'

const [status, ...files] = process.argv.slice(2)
let [passed, failed] = [0, 0]
for (const file of files) {
  try {
    const { numPassedTests, numTotalTests, success } = JSON.parse(readFileSync(file, 'utf8'))
    passed += numPassedTests
    failed += Math.max(numTotalTests - numPassedTests, success ? 0 : 1)
  } catch {
    failed += 1
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? Number(status) : 1)
