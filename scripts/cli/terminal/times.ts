/** A span in words that are short enough for a table. */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

/** A time, in the zone of who reads it. */
export const clock = (time: string): string => new Date(time).toLocaleString('sv-SE')

/** A time as seen from another: "3 min ago", or "in 3 min". */
export function fromNow(time: string, now: string): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000
  return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`
}
