// What the HTTP API asks of @hono/zod-openapi while it serves. Its document was made when the package was built.
export { Hono as OpenAPIHono } from 'hono/tiny'
