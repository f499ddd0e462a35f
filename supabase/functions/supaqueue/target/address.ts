// What a URL target may not be. IPv4 by what is refused, IPv6 by what is let through, for most of it is not in use.

type Range = [kind: string, start: number, bits: number]

const v4 = (text: string): number => text.split('.').reduce((number, part) => number * 256 + Number(part), 0)

const REFUSED: Range[] = [
  ['unspecified', v4('0.0.0.0'), 8],
  ['private', v4('10.0.0.0'), 8],
  ['shared (carrier NAT)', v4('100.64.0.0'), 10],
  ['loopback', v4('127.0.0.0'), 8],
  ['link-local', v4('169.254.0.0'), 16],
  // Of one platform, the host of the machine, at a public address.
  ['reserved', v4('168.63.129.16'), 32],
  ['private', v4('172.16.0.0'), 12],
  ['reserved', v4('192.0.0.0'), 24],
  ['private', v4('192.168.0.0'), 16],
  ['reserved', v4('198.18.0.0'), 15],
  ['multicast', v4('224.0.0.0'), 4],
  ['reserved', v4('240.0.0.0'), 4],
]

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/**
 * Why a call may not go to an IP address: `loopback`, `private`, `link-local`, ...; undefined when it may.
 * Takes what a resolver gives: dotted IPv4, or IPv6 in any of its forms, with or without a zone. Anything else is `unknown`.
 */
export function refusedKind(address: string): string | undefined {
  if (IPV4.test(address)) return refusedV4(v4(address))
  const groups = readV6(address.replace(/%.*$/, ''))
  return groups ? refusedV6(groups) : 'unknown'
}

function refusedV4(number: number): string | undefined {
  return REFUSED.find(([, start, bits]) => {
    const size = 2 ** (32 - bits)
    return number >= start && number < start + size
  })?.[0]
}

function refusedV6(groups: number[]): string | undefined {
  const [first, second] = groups as [number, number]
  const startsWith = (...head: number[]) => head.every((group, at) => groups[at] === group)
  const embedded = (at: number) => refusedV4(groups[at]! * 65_536 + groups[at + 1]!)

  // Mapped and translated addresses are IPv4 addresses in another writing.
  if (startsWith(0, 0, 0, 0, 0, 0xffff) || startsWith(0x64, 0xff9b, 0, 0, 0, 0)) return embedded(6)
  if (first === 0x2002) return embedded(1)
  if (first >= 0x2000 && first < 0x4000 && !(first === 0x2001 && second < 0x200)) return undefined

  if (startsWith(0, 0, 0, 0, 0, 0, 0)) return ['unspecified', 'loopback'][groups[7]!] ?? 'reserved'
  if (first >= 0xff00) return 'multicast'
  if (first >= 0xfe80 && first < 0xfec0) return 'link-local'
  if (first >= 0xfc00 && first < 0xfe00) return 'private (unique local)'
  return 'reserved'
}

/** The eight groups of an IPv6 address; undefined when it is none. */
function readV6(text: string): number[] | undefined {
  if (!text.includes(':')) return undefined
  let groups: string[]
  try {
    // The one parser that knows all forms, an IPv4 tail among them; it writes `::` at most once.
    groups = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  } catch {
    return undefined
  }
  const [head, tail = []] = groups.map((half) => half === '' ? [] : half.split(':'))
  const zeros = Array<string>(8 - head!.length - tail.length).fill('0')
  return [...head!, ...zeros, ...tail].map((group) => parseInt(group, 16))
}
