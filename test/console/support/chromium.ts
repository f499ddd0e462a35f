import { existsSync } from 'node:fs'

// The first is Chromium without windows of its own: a new page in it takes a seventh of the processor time.
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Where the Chromium of this machine is, if there is one; `SUPAQUEUE_CHROMIUM` names one that is elsewhere. */
export const findChromium = (): string | undefined =>
  process.env.SUPAQUEUE_CHROMIUM ?? PLACES.find((place) => existsSync(place))
