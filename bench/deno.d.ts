// What the programs of this folder that run on Deno use of it, for the compiler that checks the Node side.
declare const Deno: {
  serve(handle: (request: Request) => Response | Promise<Response>): void
  env: { get(name: string): string | undefined }
  stdin: { readable: ReadableStream<Uint8Array> }
  stdout: { write(bytes: Uint8Array): Promise<number> }
}
