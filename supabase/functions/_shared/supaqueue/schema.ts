import { KillError } from './errors.ts'

/** What a schema refuses: where, and what was expected there. */
type Issue = { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] }

type Result<Out> = { readonly value: Out; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

/** A schema of any library that follows Standard Schema: zod, valibot, arktype and others. */
export type StandardSchema<In = unknown, Out = In> = {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Result<Out> | Promise<Result<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
  }
}

/** A schema as older versions of zod have it, or one written by hand. */
export type SafeParser<Out = unknown> = {
  safeParse(value: unknown): { success: true; data: Out } | { success: false; error: { issues: readonly Issue[] } }
}

/** What says how a payload or a state must look. */
export type Schema = StandardSchema | SafeParser

type Types<S> = S extends { readonly '~standard': { readonly types?: infer T } } ? NonNullable<T> : unknown

/** What comes out of a schema: the type of the payload that a handler gets. */
export type Output<S> = Types<S> extends { readonly output: infer Out } ? Out
  : S extends SafeParser<infer Out> ? Out
  : unknown

/** What goes into a schema: the type of the state that a handler hands on. */
export type Input<S> = Types<S> extends { readonly input: infer In } ? In : Output<S>

/**
 * The value as the schema gives it. Throws a `KillError` when it does not fit: another attempt would find the same. It
 * names places and rules, never values, since it is kept longer and read by more people than the payload.
 */
export async function validate(schema: Schema, value: unknown, name: string): Promise<unknown> {
  const fit = await examine(schema, value, name)
  if ('value' in fit) return fit.value
  throw new KillError(fit.reason)
}

/** The value as the schema gives it, or the reason why it does not fit, which names places and rules, never values. */
export async function examine(
  schema: Schema,
  value: unknown,
  name: string,
): Promise<{ value: unknown } | { reason: string }> {
  const result = await check(schema, value)
  if (!result.issues) return { value: result.value }
  return { reason: `the ${name} does not fit: ${explain(result.issues)}` }
}

function check(schema: Schema, value: unknown): Result<unknown> | Promise<Result<unknown>> {
  if ('~standard' in schema) return schema['~standard'].validate(value)
  const result = schema.safeParse(value)
  return result.success ? { value: result.data } : { issues: result.error.issues }
}

// More tell nobody more, and the reason is stored with the job.
const MAX_ISSUES = 5

function explain(issues: readonly Issue[]): string {
  const lines = issues.slice(0, MAX_ISSUES).map(({ path = [], message }) => {
    const place = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    return place ? `${place}: ${message}` : message
  })
  if (issues.length > MAX_ISSUES) lines.push(`and ${issues.length - MAX_ISSUES} more`)
  return lines.join('; ')
}
