// Does what the payload orders, and tells the recorder who comes in and who goes out: over one connection, in the order
// in which it happened in here.

type Order = { do?: 'work' | 'fail' | 'fail once' | 'busy once' | 'hang once' | 'poison'; ms?: number }
type BatchedJob = { id: number; attempt: number; idempotency_key: string; payload: Order }

const line = await Deno.connect({ hostname: '127.0.0.1', port: Number(Deno.env.get('RECORDER_PORT')) })
const encoder = new TextEncoder()
const deferred = new Set<string>()
let serial = 0
let waiting = ''
let written = Promise.resolve()

/** Resolves once the recorder has the line, whatever becomes of this process then. */
function tell(text: string): Promise<void> {
  waiting += `${text}\n`
  return written = written.then(write)
}

async function write() {
  let bytes = encoder.encode(waiting)
  waiting = ''
  while (bytes.length > 0) bytes = bytes.subarray(await line.write(bytes))
}

Deno.serve(async (request) => {
  if (request.method === 'GET') {
    await tell(`mark ${new URL(request.url).searchParams.get('mark')}`)
    return new Response()
  }
  const visit = serial++
  const body: Order | BatchedJob[] = await request.json()
  if (Array.isArray(body)) return await doBatch(visit, body)
  const key = request.headers.get('idempotency-key') ?? ''
  const attempt = Number(request.headers.get('supaqueue-attempt'))
  await tell(`in ${visit} ${Date.now()} ${key} ${attempt}`)
  const { status, headers } = await obey(body, key, attempt)
  await tell(`out ${visit} ${Date.now()} ${status}`)
  return new Response(null, { status, headers })
})

/** The answer of a call with several jobs: one word for each, unless one of them is poison. */
async function doBatch(call: number, jobs: BatchedJob[]): Promise<Response> {
  const each = (line: (job: BatchedJob, visit: string) => string) =>
    tell(jobs.map((job, place) => line(job, `${call}.${place}`)).join('\n'))
  await each((job, visit) => `in ${visit} ${Date.now()} ${job.idempotency_key} ${job.attempt} ${call}`)
  const done = await Promise.all(
    jobs.map(({ payload, idempotency_key, attempt }) => obey(payload, idempotency_key, attempt)),
  )
  const dies = jobs.some(({ payload }) => payload.do === 'poison')
  await each((job, visit) => `out ${visit} ${Date.now()} ${dies ? 500 : done[jobs.indexOf(job)]!.status}`)
  if (dies) return new Response(null, { status: 500 })
  return Response.json(jobs.map(({ id }, place) => ({ id, ...outcomes[done[place]!.status as 200] })))
}

const outcomes = {
  200: { outcome: 'complete' },
  429: { outcome: 'reschedule', after_ms: 0 },
  500: { outcome: 'reject', message: 'HTTP 500' },
}

async function obey(order: Order, key: string, attempt: number): Promise<{ status: number; headers?: HeadersInit }> {
  if (order.do === 'hang once' && attempt > 1) return { status: 200 }
  await new Promise((resolve) => setTimeout(resolve, order.ms ?? 0))
  if (order.do === 'fail' || order.do === 'poison' || order.do === 'fail once' && attempt === 1) return { status: 500 }
  // To be put off uses no attempt, so the attempt does not tell the first call from the second.
  if (order.do === 'busy once' && !deferred.has(key)) {
    deferred.add(key)
    return { status: 429, headers: { 'retry-after': '0' } }
  }
  return { status: 200 }
}
