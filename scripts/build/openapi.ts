import { mkdirSync, writeFileSync } from 'node:fs'
import { apiPage, openApiJson, openApiYaml } from '../../supabase/functions/supaqueue-api/documents.ts'

// Writes down what the HTTP API says of itself: docs/openapi.json, docs/openapi.yaml, and docs/api.html to try it.

const docs = new URL('../../docs/', import.meta.url)
mkdirSync(docs, { recursive: true })
writeFileSync(new URL('openapi.json', docs), openApiJson())
writeFileSync(new URL('openapi.yaml', docs), openApiYaml())
writeFileSync(new URL('api.html', docs), await apiPage())
