import type { Exception } from './comparison.ts'

/** Where Inkling and the reference rightly differ, whatever the protocol. Others are in the files of `protocols/`. */
export const commonExceptions: readonly Exception[] = [
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
]
