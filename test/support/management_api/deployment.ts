import { posix } from 'node:path'
import { z } from 'zod'

const metadata = z.strictObject({
  name: z.string(),
  entrypoint_path: z.string(),
  import_map_path: z.string().optional(),
  static_patterns: z.array(z.string()).optional(),
  verify_jwt: z.boolean(),
})

/** A function as it was sent: its files by path, and what was said about it. */
export type Deployment = { files: Map<string, string>; metadata: z.infer<typeof metadata> }

/** Reads what `functions deploy` sends; throws with a text when something in it does not belong together. */
export async function readDeployment(body: Buffer, contentType: string): Promise<Deployment> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const files = new Map<string, string>()
  for (const part of form.getAll('file')) {
    if (typeof part === 'string') throw new Error('a part named file is not a file')
    files.set(part.name, await part.text())
  }
  const said = form.get('metadata')
  const read = metadata.safeParse(JSON.parse(typeof said === 'string' ? said : await said?.text() ?? 'null'))
  if (!read.success) throw new Error(`metadata: ${read.error.message}`)
  expectComplete({ files, metadata: read.data })
  return { files, metadata: read.data }
}

function expectComplete({ files, metadata }: Deployment): void {
  for (const path of [metadata.entrypoint_path, metadata.import_map_path]) {
    if (path && !files.has(path)) throw new Error(`the file ${path} was not sent`)
  }
  for (const [path, text] of files) {
    for (const [, target] of text.matchAll(/\bfrom '(\.[^']+)'/g)) {
      const wanted = posix.join(posix.dirname(path), target ?? '')
      if (path.endsWith('.ts') && !files.has(wanted)) throw new Error(`${path} imports ${wanted}, which was not sent`)
    }
  }
}
