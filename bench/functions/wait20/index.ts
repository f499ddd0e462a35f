// Waits as a function does that asks something of the network, and needs the processor for nothing.
Deno.serve(async (request) => {
  await request.arrayBuffer()
  await new Promise((resolve) => setTimeout(resolve, 20))
  return Response.json({ ok: true })
})
