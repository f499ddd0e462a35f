// What comes from elsewhere is looked at before it is used. By hand, since a library for it would be nine tenths of what
// has to start before a job can be called. A test holds these checks against schemas.

/** What does not fit in a value: the path to it and what it must be; undefined when all of it fits. */
export type Check = (value: unknown) => string | undefined

const check = (fits: (value: unknown) => boolean, must: string): Check => (value) => fits(value) ? undefined : must

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text = check((value) => typeof value === 'string', 'must be a text')

export const number = check((value) => Number.isFinite(value), 'must be a number')

export const bool = check((value) => typeof value === 'boolean', 'must be true or false')

export const uuid = check(
  (value) => typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
  'must be a uuid',
)

export const oneOf = (...words: string[]): Check =>
  check((value) => words.includes(value as string), `must be one of ${words.join(', ')}`)

/** A whole number within bounds. */
export const whole = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Check =>
  check(
    (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    min === Number.MIN_SAFE_INTEGER ? 'must be a whole number' : `must be a whole number from ${min} to ${max}`,
  )

export const either = (first: Check, second: Check): Check => (value) =>
  first(value) === undefined ? undefined : second(value)

/** Absent, null, or something that fits. */
export const orNothing = (inner: Check): Check => (value) =>
  value === undefined || value === null ? undefined : inner(value)

export const list = (inner: Check): Check => (value) => {
  if (!Array.isArray(value)) return 'must be a list'
  return firstOf(value.entries(), inner)
}

/** An object with values of one kind, whatever their names. */
export const record = (inner?: Check): Check => (value) => {
  if (!isObject(value)) return 'must be an object'
  return inner && firstOf(Object.entries(value), inner)
}

/** An object with these fields, and any others. */
export const object = (fields: Record<string, Check>): Check => {
  const checks = Object.entries(fields)
  return (value) => {
    if (!isObject(value)) return 'must be an object'
    for (const [name, inner] of checks) {
      const wrong = inner(value[name])
      if (wrong !== undefined) return `${name} ${wrong}`
    }
    return undefined
  }
}

function firstOf(entries: Iterable<[string | number, unknown]>, inner: Check): string | undefined {
  for (const [name, value] of entries) {
    const wrong = inner(value)
    if (wrong !== undefined) return `${name} ${wrong}`
  }
  return undefined
}
