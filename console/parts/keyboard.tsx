import { useEffect, useRef, useState } from 'preact/hooks'
import { go } from '../router.ts'

/** A page that `g` and a letter lead to. */
export type Goal = { title: string; path: string }

/** The letter of each page: the first one of its title that no page before it has. */
function lettersOf(goals: Goal[]): Map<Goal, string> {
  const letters = new Map<Goal, string>()
  for (const goal of goals) {
    const taken = [...letters.values()]
    letters.set(goal, [...goal.title.toLowerCase()].find((letter) => !taken.includes(letter)) ?? '')
  }
  return letters
}

/** Keys that lead to pages and to the search; `?` shows them. None acts on a job, and none is taken from who is typing. */
export function Keyboard({ goals }: { goals: Goal[] }) {
  const [shown, setShown] = useState(false)
  const going = useRef(false)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
      const goal = going.current ? goals.find((goal) => lettersOf(goals).get(goal) === event.key) : undefined
      going.current = event.key === 'g' && !goal
      if (goal) go(goal.path)
      else if (event.key === '/') document.querySelector<HTMLInputElement>('[role=search] input')?.focus()
      else if (event.key === '?') setShown(true)
      else return
      // The key itself shall not be typed where it leads to.
      event.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [goals])
  return shown ? <Help goals={goals} onClose={() => setShown(false)} /> : null
}

const isTaken = ({ target }: KeyboardEvent) =>
  target instanceof Element && target.closest('input, select, textarea, dialog') !== null

function Help({ goals, onClose }: { goals: Goal[]; onClose: () => void }) {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null
    box.current?.showModal()
    return () => before?.focus()
  }, [])
  return (
    <dialog ref={box} onClose={onClose} aria-labelledby='keys-title'>
      <h2 id='keys-title'>Keyboard</h2>
      <dl class='keys'>
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>Find a job by its id</dd>
        {goals.map((goal) => [
          <dt key={goal.path}>
            <kbd>g</kbd> <kbd>{lettersOf(goals).get(goal)}</kbd>
          </dt>,
          <dd key={`${goal.path} title`}>{goal.title}</dd>,
        ])}
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>These keys</dd>
      </dl>
      <div class='buttons'>
        <button type='button' onClick={onClose}>Close</button>
      </div>
    </dialog>
  )
}
