import { useState } from 'preact/hooks'
import type { Aside as Answer, SetAside } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { sayCount, sayMany } from '../say.ts'
import { Link } from './link.tsx'
import { QueueLink } from './queue_link.tsx'
import { Shown } from './states.tsx'
import { Time } from './time.tsx'
import { tell } from './toast.tsx'

/** What was set aside since it could not be done, so that the others go on: why, when it is tried again, and a button for now. */
export function Aside() {
  const live = useLive<Answer>('aside')
  const mayAct = useMayAct()
  const [busy, setBusy] = useState(false)

  const tryAgain = async (one?: SetAside) => {
    setBusy(true)
    try {
      const { settled } = await act<{ settled: number }>('try-again', {
        kind: one?.kind ?? null,
        subject: one?.subject ?? null,
      })
      tell(settled === 0 ? 'Tried again; the reason is still there.' : `Tried again: ${sayCount(settled)} settled.`)
    } catch (reason) {
      tell((reason as { message: string }).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <section aria-labelledby='aside'>
      <h2 id='aside'>Set aside</h2>
      <Shown live={live}>
        {({ count, aside }) =>
          count === 0 ? <p class='quiet'>Nothing is set aside.</p> : (
            <>
              <p>
                {sayMany(count, 'thing')} could not be done, so that the others go on.{' '}
                {count > aside.length && `The first ${aside.length} are shown. `}
                <button type='button' disabled={!mayAct || busy} onClick={() => tryAgain()}>Try all again</button>
              </p>
              <div class='scroll' tabIndex={0} role='region' aria-label='What was set aside'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <th scope='col'>What</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>Reason</th>
                      <th scope='col'>Since</th>
                      <th scope='col'>Tried</th>
                      <th scope='col'>Next</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>
                    {aside.map((one) => (
                      <tr key={`${one.kind} ${one.subject}`}>
                        <th scope='row'>
                          {one.kind} {one.job === null
                            ? <span class='quiet'>{one.subject}</span>
                            : <Link to={`/jobs/${one.job}`}>job {one.job}</Link>}
                        </th>
                        <td data-label='Queue'>
                          {one.queue_name === null ? '–' : <QueueLink name={one.queue_name} />}
                        </td>
                        <td data-label='Reason' class='wide'>
                          {one.reason} <code>{one.code}</code>
                        </td>
                        <td data-label='Since' class='nowrap'>
                          <Time at={one.since} />
                        </td>
                        <td data-label='Tried' class='nowrap'>{sayMany(one.tries, 'time')}</td>
                        <td data-label='Next' class='nowrap'>
                          {Date.parse(one.next_try_at) > Date.now()
                            ? <Time at={one.next_try_at} />
                            : 'with the next sweep'}
                        </td>
                        <td data-label='Actions'>
                          <button
                            type='button'
                            disabled={!mayAct || busy}
                            aria-label={`Try again: ${one.kind} ${one.subject}`}
                            onClick={() => tryAgain(one)}
                          >
                            Try again
                          </button>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          )}
      </Shown>
    </section>
  )
}
