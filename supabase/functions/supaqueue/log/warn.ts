export type Log = (line: Record<string, unknown>) => void

/** Something a person should know, logged at most once per run and code: the platform drops logs that come in floods. */
export type Warn = (trouble: { code: string; message: string; hint: string }) => void

/** `about` is said with every warning. */
export function makeWarn(log: Log, about: Record<string, unknown>): Warn {
  const warned = new Set<string>()

  return ({ code, message, hint }) => {
    if (warned.has(code)) return
    warned.add(code)
    log({ ...about, code, message, hint })
  }
}
