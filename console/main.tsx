import { render } from 'preact'
import { App } from './app.tsx'
import { enter } from './entry.ts'
import { refresh } from './live.ts'
import { watchPress } from './press.ts'
import { seeAll } from './see.ts'

seeAll()
watchPress()
enter()
addEventListener('hashchange', () => {
  enter()
  refresh()
})

render(<App />, document.getElementById('app')!)
