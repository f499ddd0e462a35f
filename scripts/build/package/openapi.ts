import { readOwn } from '../../cli/place.ts'

/** The document of the HTTP API, as it was made when the package was built. */
export const openApiDocument = (): object => JSON.parse(readOwn('docs/openapi.json'))
