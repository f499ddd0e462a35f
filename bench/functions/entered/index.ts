// Answers when it was entered: Unix milliseconds, with fractions. The answer is kept as the job's result.
Deno.serve(async (request) => {
  const at = performance.timeOrigin + performance.now()
  await request.arrayBuffer()
  return Response.json({ at })
})
