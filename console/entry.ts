// What lets this tab in: the token of the address that it was opened by, or of another tab. The browser sends it to
// nobody by itself, and pages of other ports cannot read it.

const KEY = 'supaqueue:token'
const WAIT_MS = 300

type Word = { asked: true } | { token: string; fresh: boolean }

const tabs = new BroadcastChannel(KEY)
let heard = () => {}
let asking: Promise<void> | undefined
// Anybody can make a link with a token in it: others hear of it once the console took it, and what was there is kept.
let given: { token: string; before: string | null } | undefined

tabs.onmessage = ({ data: word }: MessageEvent<Word>) => {
  const mine = sessionStorage.getItem(KEY)
  if ('asked' in word) {
    if (mine !== null) say({ token: mine, fresh: false })
  } else if (word.fresh || mine === null) {
    sessionStorage.setItem(KEY, word.token)
    heard()
  }
}

const say = (word: Word): void => tabs.postMessage(word)

/** Takes the token out of the address, which may be shared from here on. */
export function enter(): void {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? []
  if (!token) return
  given = { token, before: sessionStorage.getItem(KEY) }
  sessionStorage.setItem(KEY, token)
  history.replaceState(null, '', `${location.pathname}${location.search}`)
}

/** The token; nothing, if neither this tab has one nor another answers in time. */
export async function pass(): Promise<string> {
  if (sessionStorage.getItem(KEY) === null) await (asking ??= ask())
  return sessionStorage.getItem(KEY) ?? ''
}

async function ask(): Promise<void> {
  await new Promise<void>((resolve) => {
    heard = resolve
    setTimeout(resolve, WAIT_MS)
    say({ asked: true })
  })
  asking = undefined
}

/** What the console said of a token: tells the other tabs of a new one, and forgets one that is none. */
export function passed(token: string, good: boolean): void {
  const first = given?.token === token ? given : undefined
  if (first) given = undefined
  if (good && first) say({ token, fresh: true })
  if (good || sessionStorage.getItem(KEY) !== token) return
  if (first?.before != null) sessionStorage.setItem(KEY, first.before)
  else sessionStorage.removeItem(KEY)
}
