// Does what the payload orders, and tells the recorder who comes in and who goes out: over one connection, in the order
// in which it happened in here.

type Order = { do?: 'work' | 'fail' | 'fail once' | 'busy once' | 'hang once'; ms?: number }

const line = await Deno.connect({ hostname: '127.0.0.1', port: Number(Deno.env.get('RECORDER_PORT')) })
const encoder = new TextEncoder()
const turnedAway = new Set<string>()
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
  const key = request.headers.get('idempotency-key') ?? ''
  const attempt = Number(request.headers.get('supaqueue-attempt'))
  await tell(`in ${visit} ${Date.now()} ${key} ${attempt}`)
  const { status, headers } = await obey(await request.json(), key, attempt)
  await tell(`out ${visit} ${Date.now()} ${status}`)
  return new Response(null, { status, headers })
})

async function obey(order: Order, key: string, attempt: number): Promise<{ status: number; headers?: HeadersInit }> {
  if (order.do === 'hang once' && attempt > 1) return { status: 200 }
  await new Promise((resolve) => setTimeout(resolve, order.ms ?? 0))
  if (order.do === 'fail' || order.do === 'fail once' && attempt === 1) return { status: 500 }
  // To be put off uses no attempt, so the attempt does not tell the first call from the second.
  if (order.do === 'busy once' && !turnedAway.has(key)) {
    turnedAway.add(key)
    return { status: 429, headers: { 'retry-after': '0' } }
  }
  return { status: 200 }
}
