/** A request we will not serve. Its code is `SQ` and the HTTP status; its hint says what to do next. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string

  constructor(status: number, message: string, hint: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.code = `SQ${status}`
    this.hint = hint
  }
}

/** The refusal as it is answered: JSON `{ code, message, hint }`. */
export function answerRefusal({ status, code, message, hint }: Refusal): Response {
  const headers = status === 405 ? { allow: 'POST' } : undefined
  return Response.json({ code, message, hint }, { status, headers })
}
