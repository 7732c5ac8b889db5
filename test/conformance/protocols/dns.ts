import type { Comparison } from '../comparison.ts'

export const dns: Comparison = {
  protocol: 'dns',
  reference: 'dns',
  // a query is called by what it asks for, as one says it; an operation without a name is OPCODE9 here, 9 there
  expected: {
    method: ({ method, qtype }) => {
      if (method === 'QUERY') return qtype as string
      return /^\d+$/.test(method ?? '') ? `OPCODE${method}` : (method ?? '')
    },
  },
  exceptions: [
    {
      file: /^tcpdump\/dns-badcookie\.pcap$/,
      fields: ['status'],
      reason: 'the extended response code (RFC 6891) counts here, its lower four bits there',
    },
    {
      file: /^(tcpdump\/dns-badvers|zeek\/dns__dns_extended_rcode)\.pcap$/,
      fields: ['status', 'outcome'],
      reason: 'the extended response code (RFC 6891) counts here, its lower four bits there',
    },
    {
      file: /^wireshark\/dns\+icmp\.pcapng$/,
      fields: ['status', 'outcome'],
      reason:
        'a query that is repeated after five seconds has gone unanswered by then: the answer is to its repetition',
    },
    {
      file: /^zeek\/ipv6-fragmented-dns\.pcap$/,
      fields: ['status', 'outcome'],
      reason: 'fragments are not put together: the answer in the later ones is not seen',
    },
    {
      file: /^suricata\/dns__dns-incomplete\.pcap$/,
      fields: ['count'],
      reason: 'a query in two segments begins with the first here, with the second there',
    },
    {
      file: /^ndpi\/capwap\.pcap$/,
      fields: ['count'],
      reason: 'said to a broadcast address: nobody is asked',
    },
    {
      file: /^suricata\/llmnr__llmnr-(authority-additional|sticky-buffers)\.pcap: 192\.168\.1\.100:5432[12] 192\.168\.1\.200:5355 /,
      fields: ['name'],
      reason: 'LLMNR (RFC 4795) with the flags and names of DNS',
    },
    {
      file: /^tcpdump\/dns_tcp_8053\.pcap: /,
      fields: ['name'],
      reason: 'it is DNS, on a port where the reference does not look',
    },
  ],
}
