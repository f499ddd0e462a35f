// Reads the jobs of a batch, and answers of each that it is done: what handleBatch says of a function that returns nothing.
Deno.serve(async (request) => {
  const jobs: { id: number }[] = await request.json()
  return Response.json(jobs.map(({ id }) => ({ id, outcome: 'complete' })))
})
