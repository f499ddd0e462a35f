import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where the Chromium of this machine is, if there is one; `SUPAQUEUE_CHROMIUM` names one that is elsewhere. */
export const findChromium = (): string | undefined =>
  process.env.SUPAQUEUE_CHROMIUM ?? PLACES.find((place) => existsSync(place))
