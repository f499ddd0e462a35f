import { useState } from 'preact/hooks'
import type { AlertRule, Alerts } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { tell } from '../parts/toast.tsx'
import { sayNumber, sayShare, saySpan } from '../say.ts'

const STATES: Record<AlertRule['state'], { said: string; badge: string }> = {
  firing: { said: 'firing', badge: 'failed' },
  rising: { said: 'rising', badge: 'pending' },
  well: { said: 'well', badge: 'success' },
  off: { said: 'off', badge: 'cancelled' },
}

/** Who is told when something stays wrong: the rules, which of them fire, and what was told last. */
export function AlertsPage() {
  const live = useLive<Alerts>('alerts')
  const [asked, setAsked] = useState<AlertRule>()
  return (
    <>
      <Shown live={live}>
        {({ rules }) =>
          rules.length === 0
            ? (
              <Empty title='No alert is set'>
                Have a job enqueued when jobs are late by ten minutes, in SQL:{' '}
                <code>select supaqueue.set_alert('late', 'backlog_older_than', 600, notify =&gt; 'oncall');</code>
              </Empty>
            )
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Alerts'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <th scope='col'>Alert</th>
                      <th scope='col'>State</th>
                      <th scope='col'>Fires when</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>Tells</th>
                      <th scope='col'>Last message</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>{rules.map((rule) => <Row key={rule.name} rule={rule} ask={setAsked} />)}</tbody>
                </table>
              </div>
            )}
      </Shown>
      {asked && <SwitchDialog rule={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Row({ rule, ask }: { rule: AlertRule; ask: (rule: AlertRule) => void }) {
  const mayAct = useMayAct()
  const { said, badge } = STATES[rule.state]
  return (
    <tr>
      <th scope='row'>{rule.name}</th>
      <td data-label='State' class='wide'>
        <span class={`badge ${badge}`}>{said}</span>
        {rule.troubles.map((trouble) => (
          <div key={trouble.subject} class={trouble.raised_at && !trouble.well_since ? 'bad' : 'quiet'}>
            {trouble.text} <Time at={trouble.since} />
            {trouble.well_since && (
              <>
                , well since <Time at={trouble.well_since} />
              </>
            )}
          </div>
        ))}
      </td>
      <td data-label='Fires when'>{sayRule(rule)}</td>
      <td data-label='Queue'>{rule.queue === null ? 'each' : <QueueLink name={rule.queue} />}</td>
      <td data-label='Tells'>
        <QueueLink name={rule.notify} />
      </td>
      <td data-label='Last message' class='wide'>
        {rule.told_at === null ? 'none yet' : (
          <>
            {rule.told_text}
            <div class='quiet'>
              <Time at={rule.told_at} />
              {rule.told_job !== null && (
                <>
                  , <Link to={`/jobs/${rule.told_job}`}>job {rule.told_job}</Link>
                </>
              )}
            </div>
          </>
        )}
      </td>
      <td data-label='Actions'>
        <button type='button' disabled={!mayAct} onClick={() => ask(rule)}>
          {rule.enabled ? 'Switch off' : 'Switch on'}
        </button>
      </td>
    </tr>
  )
}

/** What is compared with the threshold, in words. */
function sayRule({ kind, threshold }: AlertRule): string {
  const span = saySpan(threshold * 1000)
  switch (kind) {
    case 'backlog_older_than':
      return `a job has been due for ${span}`
    case 'error_rate_above':
      return `more than ${sayShare(threshold)} of calls fail`
    case 'failed_more_than':
      return `more than ${sayNumber(threshold)} jobs fail in an hour`
    case 'circuit_open':
      return `calls are held back for ${span}`
    case 'dispatch_refused':
      return `wake-ups are refused for ${span}`
    case 'sweep_silent':
      return `the sweep is silent for ${span}`
    default:
      return `${kind} ${threshold}`
  }
}

function SwitchDialog({ rule: { name, enabled }, onClose }: { rule: AlertRule; onClose: () => void }) {
  const verb = enabled ? 'Switch off' : 'Switch on'
  const turn = async () => {
    await act('enable-alert', { name, enabled: !enabled })
    tell(`${name} is switched ${enabled ? 'off' : 'on'}.`)
  }
  return (
    <Dialog title={`${verb}: ${name}?`} verb={verb} onClose={onClose} onDo={turn}>
      <p>{enabled ? 'Nobody is told of it until it is switched on.' : 'It is looked at with the next sweep.'}</p>
    </Dialog>
  )
}
