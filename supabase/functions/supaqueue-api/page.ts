import { pageScript } from './page_script.ts'
import { pageStyle } from './page_style.ts'

/**
 * A page that shows an OpenAPI document (JSON) and sends requests: whole in itself, nothing is loaded from anywhere.
 * Its policy lets nothing run but the script that stands in it.
 */
export async function pageOf(json: string): Promise<string> {
  const policy = [
    `default-src 'none'`,
    `script-src '${await hashOf(pageScript)}'`,
    `style-src '${await hashOf(pageStyle)}'`,
    // The door may stand anywhere; the key goes where its owner says.
    'connect-src *',
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="${policy}">
<title>supaqueue: the HTTP API</title>
<style>${pageStyle}</style>
<main></main>
<script type="application/json" id="document">${json.replaceAll('<', '\\u003c')}</script>
<script>${pageScript}</script>
</html>
`
}

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}
