export type Log = (line: Record<string, unknown>) => void

/** Something a person should know, logged at most once per run and code: the platform drops logs that come in floods. */
export type Complain = (trouble: { code: string; message: string; hint: string }) => void

/** `about` is said with every complaint. */
export function makeComplain(log: Log, about: Record<string, unknown>): Complain {
  const said = new Set<string>()

  return ({ code, message, hint }) => {
    if (said.has(code)) return
    said.add(code)
    log({ ...about, code, message, hint })
  }
}
