import { SupaqueueError } from './errors.ts'

/** The largest result that a step keeps, in bytes of JSON. */
export const MOST_RESULT_BYTES = 262_144

const MOST_LEVELS = 500

/**
 * The value as it will be read again; undefined for nothing. Throws `SQ422` for what would come back as something else, and
 * `SQ413` for what is too large. Found out when it is written, since then somebody still looks at the code that made it.
 */
export function plain<T>(name: string, value: T): { value: T; bytes: number } {
  if (value === undefined) return { value, bytes: 0 }
  const fault = faultOf(value, '', new Set(), 0)
  if (fault) {
    throw new SupaqueueError(
      'SQ422',
      `the result of the step ${name} is not kept as it is: ${fault}`,
      'Return plain objects, lists, texts, numbers, booleans and null; of a Date its toISOString(), of a Map its entries.',
    )
  }
  const text = JSON.stringify(value)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MOST_RESULT_BYTES) {
    throw new SupaqueueError(
      'SQ413',
      `the result of the step ${name} has ${bytes} bytes, and a step keeps at most ${MOST_RESULT_BYTES}`,
      'Put large data into Storage or a table within the step, and return its location.',
    )
  }
  return { value: JSON.parse(text), bytes }
}

/** What of a value JSON or the database would not keep, and where. */
function faultOf(value: unknown, path: string, above: Set<object>, level: number): string | undefined {
  const at = path === '' ? 'it' : path
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      return textFault(value, at)
    case 'number':
      return Number.isFinite(value) ? undefined : `${at} is ${value}, which JSON does not have`
    case 'object':
      break
    default:
      return `${at} is a ${typeof value}`
  }
  if (value === null) return
  if (above.has(value)) return `${at} contains itself`
  if (level >= MOST_LEVELS) return `it is nested more than ${MOST_LEVELS} levels deep`
  const inside = new Set(above).add(value)
  if (Array.isArray(value)) {
    for (const [place, item] of value.entries()) {
      const fault = item === undefined
        ? `${path}[${place}] is undefined, and would come back as null`
        : faultOf(item, `${path}[${place}]`, inside, level + 1)
      if (fault) return fault
    }
    return
  }
  // An object of another realm is plain, too: its prototype is the last of its chain.
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${at} is a ${prototype.constructor?.name || 'class instance'}`
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return `${at} has a toJSON of its own`
  for (const [name, item] of Object.entries(value)) {
    // A property that is undefined is as good as none.
    const fault = textFault(name, `a name in ${at}`) ??
      (item === undefined ? undefined : faultOf(item, path === '' ? name : `${path}.${name}`, inside, level + 1))
    if (fault) return fault
  }
}

function textFault(text: string, at: string): string | undefined {
  if (text.includes('\u0000')) return `${at} has the character \\u0000, which the database does not keep`
  // Half of a pair of surrogates.
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text)) {
    return `${at} has half of a character`
  }
}
