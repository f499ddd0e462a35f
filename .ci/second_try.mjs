import { appendFileSync } from 'node:fs'

/** Notes the tests that passed only at the second try: a fault of theirs, or of what they test, that shows by chance. */
export default class SecondTry {
  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return
    const reasons = (test.result().errors ?? []).map(({ message }) => `\n  ${message.split('\n')[0]}`).join('')
    appendFileSync(
      process.env.SECOND_TRIES,
      `only at the second try: ${test.module.relativeModuleId} > ${test.fullName}${reasons}\n`,
    )
  }
}
