/** The value below which the share `q` (0 to 1) of the samples lies. NaN without samples. */
export function quantile(samples: number[], q: number): number {
  const sorted = samples.toSorted((one, other) => one - other)
  if (sorted.length === 0) return NaN
  const place = (sorted.length - 1) * q
  const low = sorted[Math.floor(place)] as number
  const high = sorted[Math.ceil(place)] as number
  return low + (high - low) * (place - Math.floor(place))
}

export const median = (samples: number[]): number => quantile(samples, 0.5)

/** Short for a table: three digits that count, thousands apart. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  const digits = size >= 100 || value === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A median with its spread, as `1,234 (1,100-1,300)`. One sample stands alone. */
export function spread(samples: number[]): string {
  if (samples.length < 2) return short(median(samples))
  return `${short(median(samples))} (${short(Math.min(...samples))}-${short(Math.max(...samples))})`
}

/** Quotients of what was measured in the same round. */
export const ratios = (ours: number[], theirs: number[]): number[] =>
  ours.slice(0, theirs.length).map((value, round) => value / (theirs[round] as number))
