import type { Queue } from '../answers.ts'
import { useMayAct } from '../me.ts'
import { LimitsDialog } from './limits.tsx'
import { PauseDialog, ResumeDialog } from './pause.tsx'

export type QueueAsked = { dialog: 'pause' | 'resume' | 'limits'; queue: Queue }

/** The brakes of a queue. */
export function QueueButtons({ queue, open }: { queue: Queue; open: (asked: QueueAsked) => void }) {
  const mayAct = useMayAct()
  return (
    <div class='buttons'>
      {queue.paused
        ? <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'resume', queue })}>Resume</button>
        : <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'pause', queue })}>Pause</button>}
      <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'limits', queue })}>
        Workers &amp; rate
      </button>
    </div>
  )
}

/** What they ask. */
export function QueueDialog({ asked: { dialog, queue }, onClose }: { asked: QueueAsked; onClose: () => void }) {
  if (dialog === 'pause') return <PauseDialog queue={queue} onClose={onClose} />
  if (dialog === 'resume') return <ResumeDialog queue={queue} onClose={onClose} />
  return <LimitsDialog queue={queue} onClose={onClose} />
}
