// Reads its payload, as any function does, and answers a little JSON.
Deno.serve(async (request) => {
  await request.arrayBuffer()
  return Response.json({ ok: true })
})
