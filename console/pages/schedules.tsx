import { useState } from 'preact/hooks'
import type { Schedule, Schedules } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { Badge } from '../parts/badge.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Link } from '../parts/link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { tell } from '../parts/toast.tsx'

/** Jobs that come by the clock: when next, what the last one did, and a switch for each. */
export function SchedulesPage() {
  const live = useLive<Schedules>('schedules')
  const [asked, setAsked] = useState<Schedule>()
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
                      <th scope='col'>Schedule</th>
                      <th scope='col'>Queue</th>
                      <th scope='col'>When</th>
                      <th scope='col'>Next</th>
                      <th scope='col'>Last</th>
                      <th scope='col'>Payload</th>
                      <th scope='col'>Actions</th>
                    </tr>
                  </thead>
                  <tbody>{schedules.map((one) => <Row key={one.id} schedule={one} ask={setAsked} />)}</tbody>
                </table>
              </div>
            )}
      </Shown>
      {asked && <SwitchDialog schedule={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Row({ schedule, ask }: { schedule: Schedule; ask: (schedule: Schedule) => void }) {
  const mayAct = useMayAct()
  return (
    <tr>
      <th scope='row'>
        {schedule.name}
        {!schedule.enabled && <div class='brake'>switched off</div>}
      </th>
      <td data-label='Queue'>
        <Link to='/jobs' params={{ queue: schedule.queue_name }}>{schedule.queue_name}</Link>
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
        <button type='button' disabled={!mayAct} onClick={() => ask(schedule)}>
          {schedule.enabled ? 'Switch off' : 'Switch on'}
        </button>
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
