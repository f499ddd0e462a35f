import { STATUSES } from '../answers.ts'
import type { Place } from '../router.ts'
import { sayStatus } from '../say.ts'
import { FilterForm, PayloadField, QueueChoice } from './filter_form.tsx'

const TIMES: Record<string, string> = { success: 'Ended', failed: 'Ended', cancelled: 'Ended', pending: 'Due' }

/** Which jobs are shown. */
export function JobFilter({ place, queues }: { place: Place; queues: string[] }) {
  const value = (name: string) => place.params.get(name) ?? ''
  const time = TIMES[value('status')] ?? (value('queue') && !value('batch') ? 'Ended' : 'Created')
  return (
    <FilterForm place={place} to='/jobs' queues={queues}>
      <QueueChoice place={place} queues={queues} />
      <label>
        Status
        <select name='status'>
          <option value=''>any</option>
          {STATUSES.map((status) => <option key={status} value={status}>{sayStatus(status)}</option>)}
        </select>
      </label>
      <label>
        {time} since
        <input type='datetime-local' name='since' />
      </label>
      <label>
        {time} until
        <input type='datetime-local' name='until' />
      </label>
      <PayloadField />
      <label>
        Error contains
        <input name='error' autoComplete='off' />
      </label>
      <label>
        Dedupe key
        <input name='key' autoComplete='off' />
      </label>
      <label>
        Batch
        <input name='batch' placeholder='id' autoComplete='off' />
      </label>
    </FilterForm>
  )
}
