// Tells the test of every call it gets, and answers what the test answers.
Deno.serve(async (request) => {
  const answer = await fetch(Deno.env.get('WITNESS_URL')!, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ headers: Object.fromEntries(request.headers), body: await request.text() }),
  })
  return new Response(await answer.text(), { status: answer.status, headers: { 'content-type': 'application/json' } })
})
