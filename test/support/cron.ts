const MINUTE = 60_000

/** What the clocks of a zone show, minute by minute: milliseconds, as if they showed UTC. */
export type Clocks = { from: number; shown: Float64Array }

/** The clocks of some zones from one moment to another. They are put forward and back at a full quarter of an hour only. */
export function clocks(zones: string[], from: string, to: string): Record<string, Clocks> {
  const [first, last] = [Date.parse(from), Date.parse(to)]
  return Object.fromEntries(zones.map((zone) => {
    const shown = new Float64Array((last - first) / MINUTE)
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
    let ahead = 0
    for (let i = 0; i < shown.length; i++) {
      const moment = first + i * MINUTE
      if (i % 15 === 0) ahead = Date.parse(`${format.format(moment).replace(' ', 'T')}Z`) - moment
      shown[i] = moment + ahead
    }
    return [zone, { from: first, shown }]
  }))
}

/**
 * The next moment after `after` that the fields of a cron expression (numbers, lists, ranges, steps) mean, found by
 * looking at every minute of so many days. Undefined when there is none.
 */
export function naiveNextTime(
  fields: string[],
  { from, shown }: Clocks,
  after: number,
  days: number,
): number | undefined {
  const [minutes, hours, dates, months, weekdays] = fields.map((field, i) => numbers(field, i === 2 || i === 3 ? 1 : 0))
  const either = !fields[2]!.startsWith('*') && !fields[4]!.startsWith('*')
  const meant = (wall: number) => {
    if (!minutes!.has(wall / MINUTE % 60)) return false
    const time = new Date(wall)
    const isDate = dates!.has(time.getUTCDate())
    const isWeekday = weekdays!.has(time.getUTCDay()) || time.getUTCDay() === 0 && weekdays!.has(7)
    return hours!.has(time.getUTCHours()) &&
      months!.has(time.getUTCMonth() + 1) &&
      (either ? isDate || isWeekday : isDate && isWeekday)
  }
  const everyHour = hours!.size >= 24 && [...Array(24).keys()].every((hour) => hours!.has(hour))

  const start = Math.floor((after - from) / MINUTE) + 1
  for (let i = start; i < start + days * 1440 && i < shown.length; i++) {
    const wall = shown[i]!
    if (everyHour) {
      if (meant(wall)) return from + i * MINUTE
      continue
    }
    const isFirst = () => !shown.subarray(Math.max(0, i - 180), i).includes(wall)
    if (meant(wall) && isFirst()) return from + i * MINUTE
    // Put forward: what was left out comes now.
    const before = i > 0 ? shown[i - 1]! : wall
    for (let left = before + MINUTE; left < wall; left += MINUTE) if (meant(left)) return from + i * MINUTE
  }
  return undefined
}

function numbers(field: string, lowest: number): Set<number> {
  const all = new Set<number>()
  for (const part of field.split(',')) {
    const [range, step = '1'] = part.split('/') as [string, string?]
    const [low, high = low] = range === '*' ? [lowest, 59] : range.split('-').map(Number) as [number, number?]
    for (let number = low; number <= high; number += Number(step)) all.add(number)
  }
  return all
}
