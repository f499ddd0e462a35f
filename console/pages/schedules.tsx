import { useState } from 'preact/hooks'
import type { Schedule, Schedules } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Badge } from '../parts/badge.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { pretty } from '../json.ts'
import { SortHead } from '../parts/sort.tsx'
import { type Columns, down, sorted, up } from '../sorted.ts'
import { Empty, Shown } from '../parts/states.tsx'
import type { Place } from '../router.ts'
import { Time } from '../parts/time.tsx'
import { tell } from '../parts/toast.tsx'

const COLUMNS: Columns<Schedule> = {
  name: ({ name }) => name,
  queue: ({ queue_name }) => queue_name,
  next: ({ next_at }) => next_at === null ? null : Date.parse(next_at),
  last: ({ last_at }) => last_at === null ? null : Date.parse(last_at),
}

/** Jobs that come by the clock: when next, what the last one did, and a switch for each. */
export function SchedulesPage({ place }: { place: Place }) {
  const live = useLive<Schedules>('schedules')
  const [asked, setAsked] = useState<Schedule>()
  const [edited, setEdited] = useState<Schedule>()
  return (
    <>
      <Shown live={live}>
        {({ schedules }) =>
          schedules.length === 0
            ? (
              <Empty title='No schedule yet'>
                In SQL: <code>insert into supaqueue.schedule (name, queue, cron) select …</code>
              </Empty>
            )
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Schedules'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <SortHead place={place} orders={up('name')}>Schedule</SortHead>
                      <SortHead place={place} orders={up('queue')}>Queue</SortHead>
                      <th scope='col'>When</th>
                      <SortHead place={place} orders={up('next')}>Next</SortHead>
                      <SortHead place={place} orders={down('last')}>Last</SortHead>
                      <th scope='col'>Payload</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>
                    {sorted(schedules, COLUMNS, place).map((one) => (
                      <Row key={one.id} schedule={one} ask={setAsked} edit={setEdited} />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
      </Shown>
      {edited && <EditDialog schedule={edited} onClose={() => setEdited(undefined)} />}
      {asked && <SwitchDialog schedule={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

type RowProps = { schedule: Schedule; ask: (schedule: Schedule) => void; edit: (schedule: Schedule) => void }

function Row({ schedule, ask, edit }: RowProps) {
  const mayAct = useMayAct()
  return (
    <tr>
      <th scope='row'>
        {schedule.name}
        {!schedule.enabled && <div class='brake'>switched off</div>}
      </th>
      <td data-label='Queue'>
        <QueueLink name={schedule.queue_name} />
      </td>
      <td data-label='When'>
        <div>
          <code>{schedule.cron}</code>
          <div class='quiet'>
            {schedule.time_zone}; catches up with {schedule.catch_up}
            {schedule.overlap && ', may overlap'}
          </div>
        </div>
      </td>
      <td data-label='Next' class='nowrap'>{schedule.enabled ? <Time at={schedule.next_at} /> : '–'}</td>
      <td data-label='Last' class='nowrap'>
        <div>
          <Time at={schedule.last_at} none='never' />
          {schedule.last_job && (
            <div>
              <Link to={`/jobs/${schedule.last_job}`}>job {schedule.last_job}</Link>{' '}
              {schedule.last_status ? <Badge status={schedule.last_status} /> : <span class='quiet'>pruned</span>}
            </div>
          )}
        </div>
      </td>
      <td data-label='Payload' class='wide'>
        <code>{schedule.payload}</code>
      </td>
      <td data-label='Actions'>
        <div class='buttons'>
          <button type='button' disabled={!mayAct || schedule.full_payload === null} onClick={() => edit(schedule)}>
            Edit
          </button>
          <button type='button' disabled={!mayAct} onClick={() => ask(schedule)}>
            {schedule.enabled ? 'Switch off' : 'Switch on'}
          </button>
        </div>
      </td>
    </tr>
  )
}

function SwitchDialog({ schedule: { id, name, enabled }, onClose }: { schedule: Schedule; onClose: () => void }) {
  const verb = enabled ? 'Switch off' : 'Switch on'
  const turn = async () => {
    await act('enable-schedule', { schedule: id, enabled: !enabled })
    tell(`${name} is switched ${enabled ? 'off' : 'on'}.`)
  }
  return (
    <Dialog title={`${verb}: ${name}?`} verb={verb} onClose={onClose} onDo={turn}>
      <p>{enabled ? 'Times that come meanwhile pass, and are not caught up with.' : 'It comes at its next time.'}</p>
    </Dialog>
  )
}

function EditDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const save = async (form: FormData) => {
    const text = (name: string) => String(form.get(name))
    await act('edit-schedule', {
      schedule: schedule.id,
      cron: text('cron'),
      time_zone: text('time_zone'),
      payload: text('payload'),
      catch_up: text('catch_up'),
      overlap: form.get('overlap') !== null,
    })
    tell(`${schedule.name} is changed.`)
  }
  return (
    <Dialog title={`Edit ${schedule.name}`} verb='Save' onClose={onClose} onDo={save}>
      <label>
        When, as cron
        <input name='cron' required defaultValue={schedule.cron} autoComplete='off' />
      </label>
      <label>
        Time zone
        <input name='time_zone' required defaultValue={schedule.time_zone} autoComplete='off' />
      </label>
      <label>
        Payload, as JSON
        <textarea name='payload' rows={6} defaultValue={pretty(schedule.full_payload ?? '')} />
      </label>
      <label>
        After an outage, enqueue
        <select name='catch_up'>
          <option value='none' selected={schedule.catch_up === 'none'}>none of the missed times</option>
          <option value='one' selected={schedule.catch_up === 'one'}>the last missed time</option>
          <option value='all' selected={schedule.catch_up === 'all'}>each missed time</option>
        </select>
      </label>
      <label class='check'>
        <input name='overlap' type='checkbox' defaultChecked={schedule.overlap} /> Also while its last job has not ended
      </label>
    </Dialog>
  )
}
