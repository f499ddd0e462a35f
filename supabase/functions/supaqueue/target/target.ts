import type { Kind } from '../answer/answer.ts'
import type { QueueRow } from '../turn/turn.ts'
import { notCallable } from '../outcome/not_callable.ts'

/** Where a call goes: to a function of the project, or to somebody else's URL, which never sees the project's key. */
export type Target = { kind: Kind; url: string; host: string }

/** Where the calls of a queue go unless a job says otherwise. Throws a `NotCallable` when they cannot go there. */
export function targetOfQueue(queue: QueueRow, functionsUrl: string): Target {
  if (queue.edge_function_name) {
    return { kind: 'function', url: `${functionsUrl}/${encodeURIComponent(queue.edge_function_name)}`, host: '' }
  }
  if (!queue.url) {
    throw notCallable('the queue has neither a function nor a URL', 'Set edge_function_name or url of supaqueue.queue')
  }
  const url = readUrl(queue.url, "the queue's url")
  return { kind: 'url', url: url.href, host: url.hostname }
}

/** Where a job with a URL of its own goes. Throws a `NotCallable` when its queue does not allow it. */
export function targetOfJob(queue: QueueRow, jobUrl: string): Target {
  if (!queue.url) throw notCallable('the job has a url, and its queue calls a function', 'Use a queue with a url')
  const own = readUrl(queue.url, "the queue's url")
  const url = readUrl(jobUrl, "the job's url")
  // With the port: another one is another service.
  const named = [url.host, `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`]
  const allowed = [own.host, ...(queue.allowed_hosts ?? []).map((host) => host.toLowerCase())]
  if (!named.some((host) => allowed.includes(host))) {
    throw notCallable(
      `the host of the job's url, ${url.host}, is not one of its queue`,
      'Add it to allowed_hosts of supaqueue.queue, or change the url',
    )
  }
  // What the queue's headers hold was meant for an encrypted connection.
  if (own.protocol === 'https:' && url.protocol === 'http:') {
    throw notCallable("the job's url is not encrypted, and its queue's is", 'Write https')
  }
  return { kind: 'url', url: url.href, host: url.hostname }
}

/** A URL with parameters added behind those it has. */
export function withQuery(url: string, parameters: [string, string][]): string {
  if (parameters.length === 0) return url
  const full = new URL(url)
  full.search += `${full.search ? '&' : '?'}${new URLSearchParams(parameters)}`
  return full.href
}

function readUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw notCallable(`${what} is not an http(s) URL`, 'It looks like https://api.example.com/path')
  }
  if (url.username || url.password) {
    throw notCallable(`${what} has a user or a password in it`, "Use a header instead: authorization, 'vault:<name>'")
  }
  url.hash = ''
  return url
}
