// As ill as its payload says: `{"first": <ill>}` at the first attempt only, `{"always": <ill>}` at every one.

const ills: Record<string, () => Response | Promise<Response>> = {
  dies: () => process.exit(1),
  hangs: () => new Promise(() => {}),
  'hangs up half-way': () => {
    const halves = ['{"half": ', undefined]
    return new Response(
      new ReadableStream({
        pull(controller) {
          const half = halves.shift()
          if (half) controller.enqueue(new TextEncoder().encode(half))
          else controller.error(new Error('hung up'))
        },
      }),
    )
  },
  'answers 504': () => new Response('too slow', { status: 504 }),
  'answers 546': () => new Response('too big', { status: 546 }),
  'answers broken JSON': () => json('{"half": '),
  'answers noise': () => new Response(Uint8Array.from({ length: 512 }, (_, n) => n % 256)),
  'answers NUL in JSON': () => json('{"a\\u0000b": "c\\u0000d \\ud800"}'),
  'answers 2 MB': () => json(JSON.stringify({ text: 'ä'.repeat(1_000_000) })),
  'fails with 2 MB': () => new Response('ä'.repeat(1_000_000), { status: 500 }),
}

const json = (body: string) => new Response(body, { headers: { 'content-type': 'application/json' } })

Deno.serve(async (request) => {
  const { first, always } = await request.json()
  const ill = ills[always ?? (request.headers.get('supaqueue-attempt') === '1' ? first : undefined)]
  return ill ? await ill() : Response.json('well')
})
