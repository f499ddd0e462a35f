// Answers without reading what it is sent.
Deno.serve(() => Response.json('what?'))
