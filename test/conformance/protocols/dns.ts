import type { Comparison } from '../comparison.ts'

export const dns: Comparison = {
  protocol: 'dns',
  reference: 'dns',
  // a query is called by what it asks for, as one says it
  expected: {
    method: one => (one.method === 'QUERY' ? (one.qtype as string) : (one.method ?? '')),
  },
  exceptions: [
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
  ],
}
