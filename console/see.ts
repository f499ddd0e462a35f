import { options, type VNode } from 'preact'
import { visibleLines } from './visible.ts'

// Attributes that are shown, or read aloud.
const DECISION = ['title', 'aria-label', 'alt', 'placeholder']

/** From now on, no text of the page hides anything, whoever wrote it and wherever it is drawn. */
export function seeAll(): void {
  const before = options.vnode
  options.vnode = (vnode: VNode) => {
    const { type, props } = vnode as { type: unknown; props: unknown }
    if (typeof props === 'string') {
      Object.assign(vnode, { props: visibleLines(props) })
    } else if (typeof type === 'string') {
      const fields = props as Record<string, unknown>
      for (const name of DECISION) if (typeof fields[name] === 'string') fields[name] = visibleLines(fields[name])
    }
    before?.(vnode)
  }
}
