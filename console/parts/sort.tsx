import type { Place } from '../router.ts'
import type { Order } from '../sorted.ts'
import { Link } from './link.tsx'

type Props = { place: Place; orders: Order[]; number?: boolean; children: string }

/** A column that the table can be sorted by: in one order after the other, and then as it came. */
export function SortHead({ place: { path, params }, orders, number = false, children }: Props) {
  const now = orders.findIndex(({ sort }) => sort === params.get('sort'))
  const next = new URLSearchParams(params)
  next.set('sort', orders[now + 1]?.sort ?? '')
  next.delete('after')
  const direction = orders[now]?.direction
  return (
    <th scope='col' class={number ? 'n' : ''} aria-sort={direction}>
      <Link to={path} params={next}>
        {children}
        {direction && <span aria-hidden='true'>{direction === 'ascending' ? ' ↑' : ' ↓'}</span>}
      </Link>
    </th>
  )
}
