export type Env = Record<string, string | undefined>

/** Where spans go, and as what. */
export type Collector = {
  url: string
  headers: Record<string, string>
  service: string
}

/**
 * Reads the usual variables of OpenTelemetry: undefined when no collector is named, a text when what is named cannot be
 * used. The text repeats no value: headers are keys, mostly.
 */
export function readCollector(
  env: Env,
): Collector | string | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim()
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim()
  const url = own || base && `${base.replace(/\/+$/, '')}/v1/traces`
  if (!url) return undefined
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return 'OTEL_EXPORTER_OTLP_ENDPOINT must be the http(s) address of a collector'
  }
  const headers: Record<string, string> = {}
  for (
    const part of (env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ||
      env.OTEL_EXPORTER_OTLP_HEADERS || '').split(',')
  ) {
    if (part.trim() === '') continue
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    const decoded = value === undefined ? undefined : decode(value)
    if (!name || decoded === undefined || !/^[\t\x20-\x7e]*$/.test(decoded)) {
      return 'OTEL_EXPORTER_OTLP_HEADERS must be name=value, with commas between, and values in percent-encoding'
    }
    headers[name.toLowerCase()] = decoded
  }
  return {
    url,
    headers,
    service: env.OTEL_SERVICE_NAME?.trim() || 'supaqueue',
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
