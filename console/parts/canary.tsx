import type { Verdict } from '../answers.ts'
import { useLive } from '../live.ts'
import { addressOf, go } from '../router.ts'
import { sayMany } from '../say.ts'
import { Shown } from './states.tsx'

const VERDICTS: Record<Verdict['verdict'], { title: string; text: string }> = {
  stop: { title: 'Stop', text: 'At least one failed of the same again. What is wrong is still wrong.' },
  wait: { title: 'Wait', text: 'None has failed of the same so far; some have not ended yet.' },
  look: { title: 'Look', text: 'None failed of the same, but some of something else, or none succeeded.' },
  go: { title: 'Go', text: 'All that were tried succeeded. The rest can be retried.' },
}

export type Canary = { queue: string; fingerprint: string; jobs: string }

/** How the few jobs fare that were tried before the rest. It stands in the address, and can be shared. */
export function CanaryProgress({ canary, retry }: { canary: Canary; retry?: (() => void) | undefined }) {
  const live = useLive<Verdict>(addressOf('verdict', canary))
  return (
    <section class='canary' aria-label='Jobs tried again'>
      <h2>Tried again: {canary.fingerprint}</h2>
      <Shown live={live}>
        {({ verdict, succeeded, failed_alike, failed_otherwise, open }) => {
          const all = succeeded + failed_alike + failed_otherwise + open
          return (
            <>
              <progress value={all - open} max={Math.max(1, all)} aria-label='Ended of those that were tried' />{' '}
              {all - open} of {sayMany(all, 'job')} ended
              <p role='status' class={`verdict ${verdict}`}>
                <strong>{VERDICTS[verdict].title}.</strong> {VERDICTS[verdict].text}
              </p>
              <p class='quiet'>
                {succeeded} succeeded, {failed_alike} failed of the same, {failed_otherwise} of something else, {open}
                {' '}
                open.
              </p>
              <div class='buttons'>
                {retry && (
                  <button type='button' class={verdict === 'go' ? 'primary' : ''} onClick={retry}>
                    Retry the rest
                  </button>
                )}
                <button type='button' onClick={() => go('/failures')}>Close</button>
              </div>
            </>
          )
        }}
      </Shown>
    </section>
  )
}
