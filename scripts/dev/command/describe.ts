import type { Stack } from '../stack.ts'

/** What a person wants to know once the stack runs. */
export function describe(stack: Stack, databaseUrl: string | undefined, project?: string): string {
  const { apiUrl, keys } = stack
  return `
supaqueue is running. Ctrl-C stops it${
    databaseUrl ? '.' : project ? '; the data stays, --reset starts over.' : ' and throws its data away.'
  }

  API                 ${apiUrl}
  REST                ${apiUrl}/rest/v1
  Functions           ${apiUrl}/functions/v1/  (${
    stack.edge.names().join(', ')
  }; a changed file counts at the next call)
  Database            ${databaseUrl ? withoutPassword(databaseUrl) : `psql '${stack.databaseUrl}'`}

  Publishable key     ${keys.publishable}
  Secret key          ${keys.secret}
  anon (legacy)       ${keys.anon}
  service_role (l.)   ${keys.serviceRole}

${describeExtensions(stack.standins)}

${project ? ofProject(stack.edge.names()) : ofOurs}

  select id, status, attempts, result from supaqueue.job;
${project ? '\nIn another terminal, here:  npx supaqueue status --local  (or job, failures, doctor, console)\n' : ''}
What functions print follows, with the function's name in front.
`
}

const ofOurs = `Try it, in psql: a queue that calls the function hello, two calls at once, and a job.

  select supaqueue.create_queue('greetings', 'hello', workers => 2);
  select supaqueue.enqueue('greetings', '{"arg1":"val"}');`

/** For a function that is there: a queue that calls what is not would be a poor first one. */
function ofProject(functions: string[]): string {
  const [one = 'hello'] = functions.filter((name) => !name.startsWith('supaqueue'))
  const isThere = functions.includes(one)
  return `${
    isThere
      ? 'Try it, in psql: a queue for a function of yours, two calls at once, and a job.'
      : `There is no function yet for a queue to call. Make one: npx supabase functions new ${one}. Then, in psql:`
  }

  select supaqueue.create_queue('${one}', '${one}', workers => 2);
  select supaqueue.enqueue('${one}', '{"name": "Ada"}');`
}

function describeExtensions(standins: Stack['standins']): string {
  const names = { net: 'pg_net', vault: 'Vault', cron: 'pg_cron' }
  const of = (kind: 'real' | 'stand-in') =>
    (['net', 'vault', 'cron'] as const).filter((part) => standins[part] === kind).map((part) => names[part]).join(', ')
  const lines = [
    of('real') && `  Real                ${of('real')}`,
    of('stand-in') && `  Stand-ins           ${of('stand-in')} (same SQL, same faults)`,
  ]
  return lines.filter(Boolean).join('\n')
}

function withoutPassword(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  return shown.href
}

/** An error as two lines: its code and what is wrong, and what to do next. One that says none of this, in full. */
export function describeError(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  if (!('hint' in reason) || !('code' in reason)) return reason.stack ?? reason.message
  return `${reason.code}: ${reason.message}\nWhat to do: ${reason.hint}`
}
