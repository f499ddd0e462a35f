/** An error for a person: `code` for looking it up, `message` for what is wrong, `hint` for what to do next. */
export class Problem extends Error {
  readonly code: string
  readonly hint: string

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.name = 'Problem'
    this.code = code
    this.hint = hint
  }
}
