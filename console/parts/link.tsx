import type { ComponentChildren } from 'preact'
import { addressOf, go, type Params } from '../router.ts'

type Props = {
  to: string
  params?: Params
  class?: string
  'aria-current'?: 'page' | undefined
  children: ComponentChildren
}

/** A link to a view: without loading the page anew, unless it is to open elsewhere. */
export function Link({ to, params = {}, children, ...rest }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    go(to, params)
  }
  return <a href={addressOf(to, params)} onClick={follow} {...rest}>{children}</a>
}
