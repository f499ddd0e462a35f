import { render } from 'preact'
import { App } from './app.tsx'
import { go } from './router.ts'

// The token has let us in; from here on the address may be shared.
const url = new URL(location.href)
if (url.searchParams.has('token')) {
  url.searchParams.delete('token')
  go(url.pathname, url.searchParams, 'replace')
}

render(<App />, document.getElementById('app')!)
