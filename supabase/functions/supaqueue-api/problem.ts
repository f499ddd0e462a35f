const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** What of a request is wrong, and where: `path` leads there from `body`, `path`, `query` or `header`. */
export type Fault = { path: string; message: string }

type More = {
  code?: string
  headers?: Record<string, string>
  errors?: Fault[]
}

/** An answer that is not what was asked for. Its code is `SQ` and the HTTP status unless said otherwise; its hint says what to do. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string
  readonly headers: Record<string, string>
  readonly errors: Fault[] | undefined

  constructor(
    status: number,
    message: string,
    hint: string,
    { code = `SQ${status}`, headers = {}, errors }: More = {},
  ) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.hint = hint
    this.headers = headers
    this.errors = errors
  }
}

/** The problem as it is answered: RFC 9457, with code and hint. */
export function answerProblem({ status, code, message, hint, headers, errors }: Problem): Response {
  const body = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail: message,
    code,
    hint,
    errors,
  }
  return Response.json(body, { status, headers: { ...headers, 'content-type': 'application/problem+json' } })
}
