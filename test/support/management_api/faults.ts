/** Something that goes wrong with requests that fit, so many times. */
export type Fault = {
  method?: string
  /** Of the path below /v1/projects/<ref>. */
  path?: RegExp
  /** How it goes wrong: a status, no answer, or a connection that is closed after the request was carried out. */
  how: number | 'silence' | 'cut' | 'cut after'
  /** Default: for ever. */
  times?: number
  headers?: Record<string, string>
}

export function makeFaults() {
  const faults: Fault[] = []
  return {
    add: (fault: Fault) => void faults.push(fault),
    clear: () => void faults.splice(0),
    /** The fault that this request meets, counted down. */
    meet(method: string, path: string): Fault | undefined {
      const fault = faults.find((one) =>
        (one.times ?? 1) > 0 && (one.method ?? method) === method && (one.path?.test(path) ?? true)
      )
      if (fault?.times !== undefined) fault.times -= 1
      return fault
    },
  }
}
