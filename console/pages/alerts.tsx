import { useState } from 'preact/hooks'
import { ALERT_KINDS, type AlertKind, type AlertRule, type Alerts } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { tell } from '../parts/toast.tsx'
import { sayNumber, sayShare, saySpan } from '../say.ts'

const STATES: Record<AlertRule['state'], { shown: string; badge: string }> = {
  firing: { shown: 'firing', badge: 'failed' },
  rising: { shown: 'pending', badge: 'pending' },
  well: { shown: 'ok', badge: 'success' },
  off: { shown: 'off', badge: 'cancelled' },
}

/** Who is told when something stays wrong: the rules, which of them fire, and what was told last. */
export function AlertsPage() {
  const live = useLive<Alerts>('alerts')
  const [asked, setAsked] = useState<AlertRule>()
  const [edited, setEdited] = useState<AlertRule | 'new'>()
  const [dropped, setDropped] = useState<AlertRule>()
  const mayAct = useMayAct()
  return (
    <>
      <div class='lead'>
        <p class='quiet'>A rule enqueues one job when something stays wrong, and one when it is resolved.</p>
        <button type='button' class='primary' disabled={!mayAct || !live.data} onClick={() => setEdited('new')}>
          New alert
        </button>
      </div>
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
                      <th scope='col'>Notifies</th>
                      <th scope='col'>Last message</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rules.map((rule) => (
                      <Row key={rule.name} rule={rule} ask={setAsked} edit={setEdited} drop={setDropped} />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
      </Shown>
      {asked && <SwitchDialog rule={asked} onClose={() => setAsked(undefined)} />}
      {edited && (
        <RuleDialog
          rule={edited === 'new' ? undefined : edited}
          queues={live.data?.queues ?? []}
          onClose={() => setEdited(undefined)}
        />
      )}
      {dropped && <DeleteDialog rule={dropped} onClose={() => setDropped(undefined)} />}
    </>
  )
}

type RowProps = {
  rule: AlertRule
  ask: (rule: AlertRule) => void
  edit: (rule: AlertRule) => void
  drop: (rule: AlertRule) => void
}

function Row({ rule, ask, edit, drop }: RowProps) {
  const mayAct = useMayAct()
  const { shown, badge } = STATES[rule.state]
  return (
    <tr>
      <th scope='row'>{rule.name}</th>
      <td data-label='State' class='wide'>
        <span class={`badge ${badge}`}>{shown}</span>
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
      <td data-label='Notifies'>
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
        <div class='buttons'>
          <button type='button' disabled={!mayAct} onClick={() => edit(rule)}>Edit</button>
          <button type='button' disabled={!mayAct} onClick={() => ask(rule)}>
            {rule.enabled ? 'Switch off' : 'Switch on'}
          </button>
          <button type='button' disabled={!mayAct} onClick={() => drop(rule)}>Delete</button>
        </div>
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

const KINDS: Record<AlertKind, string> = {
  backlog_older_than: 'a job has been due for more than so many seconds',
  error_rate_above: 'more than this share of calls fails, from 0 to 1',
  failed_more_than: 'more than so many jobs fail in an hour',
  circuit_open: 'calls are held back for more than so many seconds',
  dispatch_refused: 'wake-ups are refused for more than so many seconds',
  sweep_silent: 'the sweep does not run for more than so many seconds',
}

type RuleProps = { rule: AlertRule | undefined; queues: string[]; onClose: () => void }

function RuleDialog({ rule, queues, onClose }: RuleProps) {
  const save = async (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const name = rule?.name ?? text('name')
    await act('set-alert', {
      name,
      kind: text('kind'),
      threshold: Number(text('threshold')),
      notify: text('notify'),
      queue: text('queue') || null,
      clear_below: text('clear_below') === '' ? null : Number(text('clear_below')),
      raise_after: text('raise_after'),
      clear_after: text('clear_after'),
    })
    tell(`The alert ${name} is set.`)
  }
  return (
    <Dialog title={rule ? `Edit the alert ${rule.name}` : 'New alert'} verb='Save' onClose={onClose} onDo={save}>
      {!rule && (
        <label>
          Name
          <input name='name' required maxLength={100} autoComplete='off' />
        </label>
      )}
      <label>
        Fires when
        <select name='kind'>
          {ALERT_KINDS.map((kind) => (
            <option key={kind} value={kind} selected={kind === rule?.kind}>{KINDS[kind]}</option>
          ))}
        </select>
      </label>
      <label>
        Threshold
        <input
          name='threshold'
          type='number'
          min='0'
          step='any'
          required
          defaultValue={String(rule?.threshold ?? 600)}
        />
      </label>
      <QueueOptions name='queue' label='Watched queue' none='each' queues={queues} chosen={rule?.queue} />
      <QueueOptions name='notify' label='Queue to notify' queues={queues} chosen={rule?.notify} />
      <label>
        Notify after it has lasted for
        <input name='raise_after' required defaultValue={rule?.raise_after ?? '1 minute'} autoComplete='off' />
      </label>
      <label>
        Resolved after it has been fine for
        <input name='clear_after' required defaultValue={rule?.clear_after ?? '5 minutes'} autoComplete='off' />
      </label>
      <label>
        Well is at or below; empty for the threshold
        <input
          name='clear_below'
          type='number'
          min='0'
          step='any'
          defaultValue={rule?.clear_below == null ? '' : String(rule.clear_below)}
        />
      </label>
      {rule && !rule.enabled && <p class='quiet'>Saving switches it on.</p>}
    </Dialog>
  )
}

type OptionsProps = { name: string; label: string; none?: string; queues: string[]; chosen: string | null | undefined }

const QueueOptions = ({ name, label, none, queues, chosen }: OptionsProps) => (
  <label>
    {label}
    <select name={name} required={none === undefined}>
      {none !== undefined && <option value=''>{none}</option>}
      {queues.map((queue) => <option key={queue} value={queue} selected={queue === chosen}>{queue}</option>)}
    </select>
  </label>
)

function DeleteDialog({ rule: { name }, onClose }: { rule: AlertRule; onClose: () => void }) {
  const remove = async () => {
    await act('delete-alert', { name })
    tell(`The alert ${name} is deleted.`)
  }
  return (
    <Dialog title={`Delete the alert ${name}?`} verb='Delete' danger onClose={onClose} onDo={remove}>
      <p>It notifies nobody any more. To silence it for a while, switch it off instead.</p>
    </Dialog>
  )
}
