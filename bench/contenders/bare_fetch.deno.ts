// Calls one URL so many times, so many at once, and prints how long it took. No queue: this is what a queue can reach.

const { url, headers, body, parallelism, calls } = await new Response(Deno.stdin.readable).json()

async function call() {
  const response = await fetch(url, { method: 'POST', headers, body })
  await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
}

async function worker() {
  while (left-- > 0) await call()
}

// Connections and code are warm before the clock starts, as they are in a dispatcher that is at work.
await Promise.all(Array.from({ length: parallelism }, call))

let left = calls
const from = performance.now()
await Promise.all(Array.from({ length: parallelism }, worker))
console.log(JSON.stringify({ ms: performance.now() - from }))
