/**
 * How the driver under lite writes json and jsonb. Lite hands it objects already as JSON text, which it would write as
 * JSON once more, so that the function gets a string instead of an object. Text that is a JSON object or array is
 * therefore taken as it is; the price is that a plain string of that form arrives as what it looks like.
 */
export const jsonTypes = {
  json: { to: 114, from: [114], serialize: write, parse: JSON.parse },
  jsonb: { to: 3802, from: [3802], serialize: write, parse: JSON.parse },
}

function write(value: unknown): string {
  return typeof value === 'string' && isDocument(value) ? value : JSON.stringify(value)
}

function isDocument(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
