/**
 * What a step touches that a step of another session could notice.
 *
 * Nobody sees what is not committed. So two steps of which neither ends a transaction can only notice each other by a
 * lock, or by the order in which they read the clock.
 */
export type Footprint = {
  /** May wait for a transaction, or is not known well: its place among all other steps matters. */
  all?: true
  /** Tables whose committed rows it looks at. */
  reads?: string[]
  /** Tables of which it locks or changes rows. */
  locks?: string[]
  /** Tables to which it adds rows that nobody else can lock before the commit. */
  adds?: string[]
  /** Tries the advisory lock of the queue. */
  lock?: 'shared' | 'exclusive'
  /** Sets a time (`run_at` is the begin of the transaction that enqueues) or asks what is due by now. */
  clock?: 'sets' | 'reads'
  /** Ends its transaction: shows what it changed, and lets its locks go. Which, is known once it is that far. */
  ends?: true
  /** Of a step that ends its transaction: what the transaction changed and locked. */
  releases?: Pick<Footprint, 'locks' | 'lock'>
}

/** Whether it matters which of two steps of different sessions comes first. When in doubt it does. */
export function isDependent(one: Footprint, other: Footprint): boolean {
  return one.all || other.all || meet(one.locks, other.locks) || exclude(one.lock, other.lock) ||
    one.clock !== undefined && other.clock !== undefined && one.clock !== other.clock ||
    notices(one, other) || notices(other, one)
}

/** Whether a step notices that the other ends a transaction. Two ends do not: nobody looks in between. */
function notices(step: Footprint, { releases }: Footprint): boolean {
  return releases !== undefined &&
    (meet(step.reads, releases.locks) || meet(step.locks, releases.locks) || exclude(step.lock, releases.lock))
}

const meet = (some: string[] = [], others: string[] = []) => some.some((each) => others.includes(each))

const exclude = (one: Footprint['lock'], other: Footprint['lock']) =>
  one !== undefined && other !== undefined && (one === 'exclusive' || other === 'exclusive')

/** What a transaction will release when it ends, after a further step of it. */
export const withStep = ({ all, locks = [], lock }: Footprint, step: Footprint): Footprint => ({
  ...((all || step.all) && { all: true }),
  locks: [...new Set([...locks, ...step.locks ?? [], ...step.adds ?? []])],
  lock: lock === 'exclusive' ? lock : step.lock ?? lock,
})
