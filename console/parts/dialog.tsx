import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refusal } from '../answers.ts'
import { Trouble } from './states.tsx'

type Props = {
  title: string
  /** What the button that does it says. */
  verb: string
  danger?: boolean
  onClose: () => void
  /** Does it; the dialog closes when that has come to its end, and says what came in the way if it has not. */
  onDo: (form: FormData) => Promise<void>
  children?: ComponentChildren
}

/** Asks before something is done. Escape and a click on Cancel mean no. */
export function Dialog({ title, verb, danger = false, onClose, onDo, children }: Props) {
  const box = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Refusal>()
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null
    box.current?.showModal()
    return () => opener?.focus()
  }, [])

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      await onDo(new FormData(event.target as HTMLFormElement))
      onClose()
    } catch (reason) {
      setError(reason as Refusal)
      setBusy(false)
    }
  }

  return (
    <dialog ref={box} onClose={onClose} aria-labelledby='dialog-title'>
      <form onSubmit={submit}>
        <h2 id='dialog-title'>{title}</h2>
        {children}
        {error && <Trouble error={error} />}
        <div class='buttons'>
          <button type='button' onClick={onClose}>Cancel</button>
          <button type='submit' class={danger ? 'danger' : 'primary'} disabled={busy}>
            {busy ? 'Working …' : verb}
          </button>
        </div>
      </form>
    </dialog>
  )
}
