/** An error for a person: a stable code, what is wrong, and what to do next. */
export class HintedError extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.name = 'HintedError'
    this.code = code
    this.hint = hint
  }
}
