/**
 * What something that was thrown says: its message, or what it is. Never throws, never empty. Anything can be thrown; what
 * supabase-js returns as `error` is a plain object with a message, and `throw error` is what people write.
 */
export function reasonOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message || thrown.name || 'Error'
    if (typeof thrown !== 'object' || thrown === null) return String(thrown) || 'an empty text was thrown'
    const { message } = thrown as { message?: unknown }
    if (typeof message === 'string' && message !== '') return message
    const told = JSON.stringify(thrown)
    return told && told !== '{}' ? told : `a ${thrown.constructor.name} without a message was thrown`
  } catch {
    return 'something was thrown that cannot be shown'
  }
}
