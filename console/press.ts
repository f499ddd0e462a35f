// How long a click may take to follow a finger that has left the screen.
const CLICK_MS = 350

const waiting = new Set<() => void>()
let pressed = false
let end: ReturnType<typeof setTimeout> | undefined

/**
 * Does it now, or as soon as nobody presses a button of the mouse, a finger or the space bar: what is drawn anew in
 * between would move under the pointer, and the click would be lost or go to a neighbor.
 */
export function afterPress(work: () => void): void {
  if (pressed) waiting.add(work)
  else work()
}

/** From now on, it is known whether somebody presses. */
export function watchPress(): void {
  const on = (types: string[], heard: (event: Event) => void) => {
    for (const type of types) addEventListener(type, heard, { capture: true, passive: true })
  }
  on(['pointerdown'], begin)
  on(['keydown'], (event) => isSpace(event) && begin())
  on(['pointerup', 'keyup'], () => pressed && finishAfter(CLICK_MS))
  // The click itself is heard here before it is heard where it goes to.
  on(['click', 'pointercancel', 'blur'], () => pressed && finishAfter(0))
  // The button was let go of where nobody told.
  on(['pointermove'], (event) => pressed && !end && (event as PointerEvent).buttons === 0 && finishAfter(0))
}

function begin(): void {
  clearTimeout(end)
  end = undefined
  pressed = true
}

function finishAfter(ms: number): void {
  clearTimeout(end)
  end = setTimeout(finish, ms)
}

function finish(): void {
  end = undefined
  pressed = false
  const due = [...waiting]
  waiting.clear()
  for (const work of due) work()
}

const isSpace = (event: Event) => (event as KeyboardEvent).key === ' '
