import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import tls from 'node:tls'

/** The root that the databases of a platform are signed by, and how it is told from any other. */
export type PlatformRoot = {
  /** Hosts it may speak for. */
  hosts: RegExp
  /** Where it is got from, over HTTPS. */
  url: string
  /** SHA-256 of its DER, as hex. Whatever has another is not it, wherever it came from. */
  fingerprint: string
}

export const supabaseRoot: PlatformRoot = {
  hosts: /\.supabase\.(co|com|in)$/,
  url: 'https://supabase-downloads.s3-ap-southeast-1.amazonaws.com/prod/ssl/prod-ca-2021.crt',
  fingerprint: '807025ad50d4ed219d2c9c7d299c004f824eb00cf7f65afef607d07b72e6cafa',
}

export type Roots = {
  /** PEM texts: all who may vouch for the host. */
  ca: string[]
  /** Why the platform's own root is not among them, where it should be. */
  missing?: string
  /** Where the platform's root is kept. */
  file?: string
}

/** Where files are kept that can be got again. */
const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'supaqueue')

/** Who may vouch for a host: the public authorities, and for hosts of the platform its own root, fetched once and kept. */
export async function rootsFor(
  host: string,
  platform: PlatformRoot = supabaseRoot,
  folder: string = cacheFolder(),
): Promise<Roots> {
  const ca = [...publicRoots()]
  if (!platform.hosts.test(host)) return { ca }
  const file = join(folder, platform.url.replace(/^.*\//, ''))
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (isIt(kept, platform)) return { ca: [...ca, kept], file }
  try {
    const got = await download(platform.url)
    if (!isIt(got, platform)) return { ca, file, missing: `what ${platform.url} gave has another fingerprint` }
    await keep(file, got).catch(() => {})
    return { ca: [...ca, got], file }
  } catch (reason) {
    const { message, cause } = reason as Error
    return { ca, file, missing: `${platform.url} gave nothing: ${(cause as NodeJS.ErrnoException)?.code ?? message}` }
  }
}

// With what NODE_EXTRA_CA_CERTS adds, where this Node can tell.
const publicRoots = (): readonly string[] =>
  (tls as { getCACertificates?: (type: 'default') => string[] }).getCACertificates?.('default') ?? tls.rootCertificates

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), redirect: 'error' })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return await response.text()
}

function isIt(pem: string, { fingerprint }: PlatformRoot): boolean {
  try {
    return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase() === fingerprint
  } catch {
    return false
  }
}

// Put there as a whole: another of us may read it at this moment.
async function keep(file: string, pem: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const beside = `${file}.${process.pid}`
  await writeFile(beside, pem)
  await rename(beside, file)
}
