// Files of environment variables that people write: what is not ours stays letter by letter, also empty lines within a quoted key.

/** The line of a variable, as dotenv and the CLI read it. */
const lineOf = (name: string) => new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*[=:][ \\t]*(.*)$`, 'gm')

/** The names of all variables. */
export const variablesOf = (text: string): string[] =>
  [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[=:]/gm)].map(([, name = '']) => name)

/** What a variable is, by its last line; empty where that says nothing, undefined where there is none. */
export function readVariable(text: string, name: string): string | undefined {
  const value = [...text.matchAll(lineOf(name))].at(-1)?.[1]?.trim()
  if (value === undefined) return undefined
  const [, , quoted] = /^(["'])(.*?)\1/.exec(value) ?? []
  return quoted ?? value.replace(/(^|\s+)#.*$/, '')
}

/** The text without the lines of these variables. */
export const withoutVariables = (text: string, names: string[]): string =>
  text.split('\n').filter((line) => !names.some((name) => lineOf(name).test(line))).join('\n')

/** The text with these variables at its end, and nowhere else. */
export function withVariables(text: string, values: Record<string, string>): string {
  const others = withoutVariables(text, Object.keys(values)).replace(/([^\n])$/, '$1\n')
  return others + Object.entries(values).map(([name, value]) => `${name}=${value}\n`).join('')
}
