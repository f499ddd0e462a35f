// The dispatcher of the yardstick: one request, one job. Awaits the call, reports it, and answers only then.

const url = Deno.env.get('SUPABASE_URL')
const secret = Deno.env.get('SUPAQUEUE_SECRET')
const key = JSON.parse(Deno.env.get('SUPABASE_SECRET_KEYS') ?? '{}').default as string

const post = (path: string, headers: Record<string, string>, body: unknown) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', apikey: key },
    body: JSON.stringify(body),
  })

Deno.serve(async (request) => {
  if (request.headers.get('supaqueue-secret') !== secret) return new Response(null, { status: 401 })
  const { queue, job, current_job } = await request.json()
  const response = await post(`/functions/v1/${queue.edge_function_name}`, queue.default_headers, job.payload)
  await response.body?.cancel()
  const reported = await post('/rest/v1/rpc/yardstick_end_current_job', {}, {
    cur_job_id: current_job.id,
    _is_complete: true,
    _is_successful: response.ok,
  })
  await reported.body?.cancel()
  return new Response(null, { status: reported.ok ? 200 : 500 })
})
