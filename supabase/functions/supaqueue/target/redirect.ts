/** What `fetch` is told. */
export type Asked = { url: string; init: RequestInit & { method: string } }

// More is a circle, or somebody playing.
const MOST = 5

/**
 * Fetches, and follows redirects within the same origin: 307 and 308 with method and body, 301, 302 and 303 for GET.
 * Another redirect is the answer, with a note that says why it was not followed.
 */
export async function fetchThere(
  fetch: typeof globalThis.fetch,
  { url, init }: Asked,
  follow: boolean,
): Promise<{ response: Response; note?: string }> {
  for (let followed = 0;; followed++) {
    const response = await fetch(url, { ...init, redirect: 'manual' })
    if (response.status < 300 || response.status >= 400) return { response }
    const location = response.headers.get('location')
    if (location === null) return { response }

    const note = follow ? whyNot(url, location, response.status, init.method, followed) : 'a function may not redirect'
    if (note) return { response, note: `not followed: ${note}` }
    await response.body?.cancel()
    url = new URL(location, url).href
  }
}

function whyNot(url: string, location: string, status: number, method: string, followed: number): string | undefined {
  if (!URL.canParse(location, url)) return 'the redirect leads to no URL'
  const from = new URL(url)
  const to = new URL(location, url)
  if (to.origin !== from.origin) return `the redirect leads to another origin, ${to.origin}`
  if (to.username || to.password) return 'the redirect leads to a URL with a user or a password'
  const keeps = status === 307 || status === 308
  const turns = status >= 301 && status <= 303
  if (!keeps && !(turns && method === 'GET')) {
    return `a redirect by ${status} does not keep the method ${method}`
  }
  if (followed >= MOST) return `more than ${MOST} redirects`
  return undefined
}
