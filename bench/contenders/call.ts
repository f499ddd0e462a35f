/** What a job does in a queue whose worker is a Node process: call the function, and fail if it did. */
export const makeCall = (url: string, headers: Record<string, string>) => async (payload: unknown): Promise<void> => {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(payload) })
  await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
}
