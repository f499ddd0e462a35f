import { useEffect, useState } from 'preact/hooks'

const TOLD = 'supaqueue:told'
const SHOWN_MS = 6000

/** Tells what came of something that was done. */
export const tell = (text: string): void => void dispatchEvent(new CustomEvent(TOLD, { detail: text }))

/** Where it is told, also to those who listen. */
export function Toast() {
  const [text, setText] = useState('')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const told = (event: Event) => {
      setText((event as CustomEvent<string>).detail)
      clearTimeout(timer)
      timer = setTimeout(() => setText(''), SHOWN_MS)
    }
    addEventListener(TOLD, told)
    return () => removeEventListener(TOLD, told)
  }, [])
  return <div class={text ? 'toast shown' : 'toast'} role='status'>{text}</div>
}
