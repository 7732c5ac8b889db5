import type { Field } from './expectation.ts'

/** Where Inkling and the reference rightly differ. */
export interface Exception {
  /** Of the file `origin/name`, or for names of a flow `origin/name: ends is called ...`. */
  readonly file: RegExp
  readonly fields: readonly (Field | 'count' | 'name')[]
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  {
    file: /vxlan|geneve|gre-sample|erspan|http_origin_different_than_host/,
    fields: ['count'],
    reason:
      'tunnels (VXLAN, Geneve, GRE, ERSPAN, GTP) stay closed: what runs in them is seen in its own namespace',
  },
  {
    file: /80211http|nflog-http/,
    fields: ['count'],
    reason: 'link layers of radio and of the firewall log: no container speaks them',
  },
  {
    file: /socks/,
    fields: ['count'],
    reason: 'what follows a SOCKS greeting is the flow of somebody else, and SOCKS is not decoded',
  },
  {
    file: /pgsql|postgres/,
    fields: ['count'],
    reason:
      'Terminate asks nothing and gets nothing: it is the end of a connection, not a transaction',
  },
  {
    file: /client-skip-while-off|reply-off-on/,
    fields: ['status', 'outcome'],
    reason:
      'CLIENT REPLY OFF and SKIP want no reply: that none comes is right, and shifts no later one',
  },
  {
    file: /dns-invalid-opcode/,
    fields: ['method'],
    reason: 'an operation without a name is OPCODE9 here, 9 there',
  },
  {
    file: /badcookie|badvers|extended_rcode/,
    fields: ['status', 'outcome'],
    reason: 'the extended response code (RFC 6891) counts here, its lower four bits there',
  },
  {
    file: /dns\+icmp/,
    fields: ['status', 'outcome'],
    reason:
      'a query that is repeated with its id is answered once: here the first is, there the second',
  },
  {
    file: /ipv6-fragmented-dns/,
    fields: ['status', 'outcome'],
    reason: 'fragments are not put together: the answer in the later ones is not seen',
  },
  {
    file: /dns_invert_query|dns-incomplete/,
    fields: ['count'],
    reason: 'an answer to another question, and a query without one: no evidence that it is DNS',
  },
  {
    file: /capwap/,
    fields: ['count'],
    reason: 'said to a broadcast address: nobody is asked',
  },
  {
    file: /fuzz-2006-06-26-2594/,
    fields: ['name'],
    reason: 'NetBIOS names are DNS messages but for the type, which was changed by chance',
  },
  {
    file: /llmnr/,
    fields: ['name'],
    reason: 'LLMNR (RFC 4795) is DNS between neighbours',
  },
  {
    file: /dns_tcp_8053|tcp-session-decode-malformed-ipv4/,
    fields: ['name'],
    reason: 'it is what it is called, on a port where the reference does not look',
  },
  {
    file: /http-response-line/,
    fields: ['name'],
    reason: 'an IPv4 address mapped into IPv6 is shown as the IPv4 address that it is',
  },
]
