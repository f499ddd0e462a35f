import { buildPage, type PageFile } from '../../../scripts/console/page.ts'
import { once } from '../../support/once.ts'

/** The page of the console. It takes seconds to build, so it is built once for all tests. */
export async function builtPage(): Promise<Map<string, PageFile>> {
  const text = await once('page.json', async () =>
    JSON.stringify(
      [...await buildPage()].map(([path, { type, body, zipped }]) => [
        path,
        { type, body: body.toString('base64'), zipped: zipped.toString('base64') },
      ]),
    ))
  return new Map(
    (JSON.parse(text) as [string, { type: string; body: string; zipped: string }][]).map(([path, file]) => [path, {
      type: file.type,
      body: Buffer.from(file.body, 'base64'),
      zipped: Buffer.from(file.zipped, 'base64'),
    }]),
  )
}
