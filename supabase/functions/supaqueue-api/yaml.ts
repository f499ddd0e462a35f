/** A JSON value as YAML 1.2, in block style. */
export function toYaml(value: unknown): string {
  return isScalar(value) ? `${scalar(value)}\n` : block(value as object, '')
}

function block(value: object, indent: string): string {
  return Object.entries(value).filter(([, entry]) => entry !== undefined).map(([name, entry]) => {
    const head = Array.isArray(value) ? `${indent}-` : `${indent}${scalar(name)}:`
    if (isScalar(entry)) return `${head} ${scalar(entry)}\n`
    // The first line of what stands in a list begins beside its dash.
    if (Array.isArray(value)) return `${head} ${block(entry, `${indent}  `).slice(indent.length + 2)}`
    return `${head}\n${block(entry, `${indent}  `)}`
  }).join('')
}

const isScalar = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0

// JSON is YAML; only words that could be nothing else go without quotes.
const scalar = (value: unknown): string =>
  typeof value === 'string' && /^[A-Za-z][\w/-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
    ? value
    : JSON.stringify(value)
