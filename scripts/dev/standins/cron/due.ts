/** When a job is to run next, in milliseconds since 1970, given when it last came due. Undefined: never. */
export type NextDue = (after: number) => number | undefined

const minuteMs = 60_000
// 29 February on a certain weekday comes at most 40 years later; after that the answer is never.
const horizonMs = 41 * 366 * 24 * 60 * minuteMs

/** Reads a schedule: `[1-59] seconds`, or five fields in GMT. It has passed cron.schedule, so it is well-formed. */
export function readSchedule(schedule: string): NextDue {
  const seconds = /^\s*(\d+)\s+seconds?\s*$/.exec(schedule)?.[1]
  return seconds ? (after) => after + Number(seconds) * 1000 : readFields(schedule.trim().split(/\s+/))
}

function readFields([minute = '', hour = '', day = '', month = '', weekday = '']: string[]): NextDue {
  const minutes = numbers(minute, 0, 59)
  const hours = numbers(hour, 0, 23)
  const days = numbers(day, 1, 31)
  const months = numbers(month, 1, 12)
  const weekdays = numbers(weekday, 0, 7)
  if (weekdays.has(7)) weekdays.add(0)

  // Cron's old rule: if both name days, either will do.
  const eitherDay = !day.startsWith('*') && !weekday.startsWith('*')
  const isDay = (time: Date) => {
    const [isDate, isWeekday] = [days.has(time.getUTCDate()), weekdays.has(time.getUTCDay())]
    return months.has(time.getUTCMonth() + 1) && (eitherDay ? isDate || isWeekday : isDate && isWeekday)
  }

  return (after) => {
    const time = new Date(Math.floor(after / minuteMs + 1) * minuteMs)
    while (time.getTime() < after + horizonMs) {
      if (!isDay(time)) time.setUTCHours(24, 0, 0, 0)
      else if (!hours.has(time.getUTCHours())) time.setUTCMinutes(60, 0, 0)
      else if (!minutes.has(time.getUTCMinutes())) time.setUTCMinutes(time.getUTCMinutes() + 1)
      else return time.getTime()
    }
    return undefined
  }
}

/** All numbers of a field: `*`, `3`, `1-5`, `1-9/2`, `*\/5`, or a list of these. */
function numbers(field: string, lowest: number, highest: number): Set<number> {
  const all = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [from = lowest, to] = range === '*' ? [lowest, highest] : range.split('-').map(Number)
    for (let number = from; number <= (to ?? from); number += Number(step)) all.add(number)
  }
  return all
}
