import type { ManagementApi } from './management_api.ts'

/** Which schemas the Data API (REST) serves. */
export type DataApi = {
  schemas(): Promise<string[]>
  /** Replaces the whole list: read it first. */
  setSchemas(schemas: string[]): Promise<void>
}

export const hostedDataApi = (api: ManagementApi): DataApi => ({
  async schemas() {
    const { db_schema = '' } = await api.get('read the exposed schemas', '/postgrest') as { db_schema?: string }
    return db_schema.split(',').map((schema) => schema.trim()).filter((schema) => schema !== '')
  },
  setSchemas: async (schemas) => {
    await api.send('write the exposed schemas', 'PATCH', '/postgrest', { db_schema: schemas.join(',') })
  },
})
