import { type Sort, SORTS, STATUSES } from '../answers.ts'
import type { Place } from '../router.ts'
import { sayStatus } from '../say.ts'
import { FilterForm, PayloadField, QueueChoice } from './filter_form.tsx'

const TIMES: Record<string, string> = { success: 'Ended', failed: 'Ended', cancelled: 'Ended', pending: 'Due' }

const ORDERS: Record<Sort, string> = {
  oldest: 'oldest first',
  due: 'due first',
  priority: 'highest priority',
  attempts: 'most attempts',
  slowest: 'slowest call',
}

/** How jobs are sorted when nobody says how. */
function orderOf(value: (name: string) => string): string {
  if (value('status') === 'pending') return 'next to begin'
  return value('queue') && !value('status') && !value('batch') ? 'in progress first' : 'newest first'
}

/** Which jobs are shown, and in which order. */
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
      <label>
        Sort by
        <select name='sort'>
          <option value=''>{orderOf(value)}</option>
          {SORTS.map((sort) => <option key={sort} value={sort}>{ORDERS[sort]}</option>)}
        </select>
      </label>
    </FilterForm>
  )
}
