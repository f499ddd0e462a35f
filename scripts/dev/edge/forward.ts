import { type Agent, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'

export type Target = { socketPath: string; agent: Agent; path: string; idleTimeoutMs: number }

/**
 * How a request ended for its caller. `answered`: it has an answer, or has gone. `unreachable`: not one byte of it
 * reached the function. `broken`: the function went before it answered. But for the first, nobody has answered yet.
 */
export type Outcome = 'answered' | 'unreachable' | 'broken' | 'timed out'

/**
 * Passes a request on to a function and its answer back, both as they come. `onEnd` is called when the function is done
 * with it, which may be long after the caller was told to wait no longer.
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  onEnd: () => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const upstream = httpRequest({
      socketPath: target.socketPath,
      agent: target.agent,
      method: request.method,
      // In absolute form, or the function would see the socket's path as its own URL.
      path: `http://${request.headers.host ?? '127.0.0.1'}${target.path}`,
      headers: passedOn(request.rawHeaders),
    })

    // A timeout tells the caller, not the function, as on the platform.
    const timer = setTimeout(() => resolve('timed out'), target.idleTimeoutMs)

    // A caller that goes mid-upload would leave the function waiting for the rest for ever. One that has sent everything
    // may go: the function still runs to its end.
    const abandoned = () => {
      if (!request.readableEnded) upstream.destroy()
    }

    let connected = false
    upstream.once('socket', (socket) => {
      // The body waits for the connection, so that an unreachable function has not swallowed any of it.
      const send = () => {
        connected = true
        // Its head goes ahead: the first part of the body may be long in coming.
        if (request.headers['transfer-encoding']) upstream.flushHeaders()
        request.pipe(upstream)
      }
      if (socket.connecting) socket.once('connect', send)
      else send()
    })
    upstream.on('error', () => {
      if (response.destroyed) resolve('answered')
      else resolve(connected ? 'broken' : 'unreachable')
    })
    upstream.once('close', () => {
      clearTimeout(timer)
      request.off('close', abandoned)
      onEnd()
    })
    upstream.once('response', (answer) => {
      clearTimeout(timer)
      if (response.headersSent || response.destroyed) {
        resolve('answered')
        return answer.resume()
      }
      response.writeHead(answer.statusCode ?? 500, answer.statusMessage, passedOn(answer.rawHeaders))
      if (answer.headers['content-length'] === undefined) response.flushHeaders()
      answer.once('error', () => response.destroy())
      // Left unread by the function, the rest of the request would hold up the caller's next one on this connection.
      answer.once('end', () => {
        if (upstream.writableFinished) return
        request.unpipe(upstream)
        request.resume()
        upstream.destroy()
      })
      // The platform stops reading an answer nobody waits for.
      response.once('close', () => answer.destroy())
      answer.pipe(response)
      resolve('answered')
    })
    request.once('close', abandoned)
  })
}

const hopByHop = new Set(['connection', 'keep-alive', 'expect', 'upgrade', 'proxy-connection'])

function passedOn(rawHeaders: string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, rawHeaders[i + 1] as string)
  }
  return kept
}
