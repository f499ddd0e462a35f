/**
 * A body that `fetch` sends once. Deno repeats a request by itself, whatever its method, when a connection that was used
 * before ends without an answer, and tells nobody; but not one whose body it reads piece by piece, as that of a blob. The first
 * may have been heard, so whoever sends must know.
 */
export const once = (body: string | Uint8Array<ArrayBuffer>): Blob => new Blob([body])
