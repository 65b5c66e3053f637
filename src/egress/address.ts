// Which network addresses a request may reach. Private ones open only for an instance that says so; addresses that
// belong to no provider (cloud metadata, multicast, reserved, wrapped IPv4) never do.
import { BlockList, isIP } from 'node:net'

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
]

const NEVER = [
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // IPv4-compatible, unspecified included; ::1 is judged before.
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fec0::/10',
  'ff00::/8',
]

/** Services of the machine's own cloud that hand out credentials or rule the host. */
const METADATA = [
  '169.254.169.254/32',
  '169.254.170.2/32',
  '169.254.170.23/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
]

const blockListOf = (ranges: string[]): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), familyOf(network))
  }
  return list
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const metadata = blockListOf(METADATA)
const privateRanges = blockListOf(PRIVATE)
const never = blockListOf(NEVER)
const mapped = blockListOf(['::ffff:0:0/96'])
const nat64 = blockListOf(['64:ff9b::/96'])

/** Why an address may not be reached, or undefined where it may. */
export function addressRefusal(address: string, allowPrivate: boolean): string | undefined {
  const bare = address.split('%')[0] ?? ''
  if (isIP(bare) === 0) return 'not an IP address'
  const family = familyOf(bare)
  if (family === 'ipv6' && mapped.check(bare, family)) return 'an IPv4-mapped address'
  if (family === 'ipv6' && nat64.check(bare, family)) {
    const inner = addressRefusal(embeddedIpv4(bare), false)
    return inner === undefined ? undefined : `a NAT64 form of ${inner}`
  }
  if (metadata.check(bare, family)) return 'a cloud metadata address'
  if (privateRanges.check(bare, family)) return allowPrivate ? undefined : 'a private, loopback or link-local address'
  return never.check(bare, family) ? 'a reserved or multicast address' : undefined
}

/** The last 32 bits of an IPv6 address, which the URL parser writes in its shortest hexadecimal form. */
function embeddedIpv4(address: string): string {
  const words = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':')
  const [high, low] = words.slice(-2).map((word) => Number.parseInt(word || '0', 16))
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.')
}
