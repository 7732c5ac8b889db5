import type { Comparison } from '../comparison.ts'

export const http: Comparison = {
  protocol: 'http',
  reference: 'http',
  exceptions: [
    {
      file: /arkime\/socks5-reverse/,
      fields: ['count'],
      reason: 'who accepted the connection asks through it: a handshake proves who is the client',
    },
    {
      file: /^suricata\/firewall__tcp-session-decode-malformed-ipv4\.pcap: /,
      fields: ['name'],
      reason: 'it is HTTP, on a port where the reference does not look',
    },
    {
      file: /http-response-line/,
      fields: ['name'],
      reason: 'an IPv4 address mapped into IPv6 is shown as the IPv4 address that it is',
    },
  ],
}
