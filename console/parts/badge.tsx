import type { Status } from '../answers.ts'
import { sayStatus } from '../say.ts'

/** A status, by color and by word. */
export const Badge = ({ status }: { status: Status }) => <span class={`badge ${status}`}>{sayStatus(status)}</span>
