import { useState } from 'preact/hooks'
import type { Backfill, Hook, Hooks } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Dialog } from '../parts/dialog.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { tell } from '../parts/toast.tsx'
import { sayGap } from '../say.ts'

/** Which changes of which tables become jobs: what each hook has made lately, what is wrong, and a switch for each. */
export function HooksPage() {
  const live = useLive<Hooks>('hooks')
  const [asked, setAsked] = useState<Hook>()
  return (
    <>
      <Shown live={live}>
        {({ hooks }) =>
          hooks.length === 0
            ? (
              <Empty title='No hook yet'>
                In SQL: <code>select supaqueue.on_change('public.photos', 'thumbnails')</code>
              </Empty>
            )
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Hooks'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <th scope='col'>Hook</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>Captures</th>
                      <th scope='col'>Lately</th>
                      <th scope='col'>What is wrong</th>
                      <th scope='col'>Backfill</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>
                    {hooks.map((one) => <Row key={one.hook} hook={one} ask={setAsked} />)}
                  </tbody>
                </table>
              </div>
            )}
      </Shown>
      {asked && <SwitchDialog hook={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Row({ hook, ask }: { hook: Hook; ask: (hook: Hook) => void }) {
  const mayAct = useMayAct()
  return (
    <tr>
      <th scope='row'>
        {hook.hook}
        <div class='quiet'>{hook.table}</div>
        {!hook.enabled && (
          <div class='brake'>
            off since <Time at={hook.off_since} />
            {hook.off_reason && `: ${hook.off_reason}`}
          </div>
        )}
      </th>
      <td data-label='Queue'>
        <QueueLink name={hook.queue} />
      </td>
      <td data-label='Captures'>
        <div>
          {hook.events.join(', ')}
          {told(hook).map((line) => <div key={line} class='quiet'>{line}</div>)}
        </div>
      </td>
      <td data-label='Lately'>
        <div>
          {hook.made} {hook.made === 1 ? 'job' : 'jobs'}
          {hook.waiting > 0 && `, ${hook.waiting} waiting`}
          {hook.failed > 0 && `, ${hook.failed} failed`}
          <div class='quiet'>
            last <Time at={hook.last_at} none='never' />
          </div>
        </div>
      </td>
      <td data-label='What is wrong' class='wide'>
        <div>
          {hook.gaps.map((gap) => <div key={gap} class='brake'>{sayGap(gap)}</div>)}
          {hook.lost > 0 && <div class='brake'>lost {hook.lost} {hook.lost === 1 ? 'change' : 'changes'}</div>}
          {hook.faults.map(({ at, code, reason }) => (
            <div key={at + code}>
              <Time at={at} /> {reason} <span class='quiet'>{code}</span>
            </div>
          ))}
          {hook.gaps.length + hook.faults.length === 0 && '–'}
        </div>
      </td>
      <td data-label='Backfill'>
        <div>{hook.backfills.slice(0, 1).map((one) => <Progress key={one.backfill} backfill={one} />)}</div>
      </td>
      <td data-label='Actions'>
        <button type='button' disabled={!mayAct} onClick={() => ask(hook)}>
          {hook.enabled ? 'Switch off' : 'Switch on'}
        </button>
      </td>
    </tr>
  )
}

/** What on_change was told besides. */
const told = (hook: Hook): string[] =>
  [
    hook.columns && `when ${hook.columns.join(', ')} changed`,
    hook.ignore && `not when only ${hook.ignore.join(', ')} changed`,
    hook.when && `when ${hook.when}`,
    hook.payload !== 'full' && `sends ${hook.payload}`,
    hook.ordered && 'in order by row',
    hook.coalesce && `one waits for each row${hook.delay ? `, ${hook.delay} after the last change` : ''}`,
    hook.soft && 'soft: no write fails for it',
  ].filter((line) => typeof line === 'string')

function Progress({ backfill: { backfill, status, rows, percent, reason } }: { backfill: Backfill }) {
  const mayAct = useMayAct()
  const [busy, setBusy] = useState(false)
  const running = status === 'running'
  const turn = async () => {
    setBusy(true)
    try {
      await act(running ? 'cancel-backfill' : 'resume-backfill', { backfill })
      tell(`Backfill ${backfill} ${running ? 'is cancelled' : 'goes on'}.`)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      {status}: {rows} rows{running && percent !== null && `, ${percent} %`}
      {running && reason && <div class='brake'>{reason}</div>}
      {status !== 'done' && (
        <div>
          <button type='button' disabled={!mayAct || busy} onClick={turn}>{running ? 'Cancel' : 'Go on'}</button>
        </div>
      )}
    </>
  )
}

function SwitchDialog({ hook: { hook, enabled }, onClose }: { hook: Hook; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const verb = enabled ? 'Switch off' : 'Switch on'
  const turn = async () => {
    await act(enabled ? 'pause-hook' : 'resume-hook', enabled ? { hook, reason } : { hook })
    tell(`${hook} is switched ${enabled ? 'off' : 'on'}.`)
  }
  return (
    <Dialog title={`${verb}: ${hook}?`} verb={verb} onClose={onClose} onDo={turn}>
      {enabled
        ? (
          <>
            <p>Changes become no jobs meanwhile, also not later. To hold jobs instead, pause the queue.</p>
            <label>
              Reason <input type='text' value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            </label>
          </>
        )
        : <p>Changes become jobs again, from now on.</p>}
    </Dialog>
  )
}
