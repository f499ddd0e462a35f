/** What was called: a function of the project, or somebody else's URL. */
export type Kind = 'function' | 'url'

/** The head of a response's body as text, and whether there was more. */
export type Body = { text: string; truncated: boolean }

/** An answer to a call, its body read. `note`: why a redirect was not followed. */
export type Answer = {
  status: number
  statusText: string
  headers: Headers
  body: Body
  note?: string
}
