// Answers how many calls were in here at once when this one came in, itself included.
let inside = 0

Deno.serve(async (request) => {
  const found = ++inside
  await request.text()
  // Long enough for others to come in meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 2))
  inside--
  return Response.json({ inside: found })
})
