import type { Comparison } from '../comparison.ts'
import type { Expected } from '../expectation.ts'

interface Said {
  readonly sni?: string
  readonly alerts: readonly { readonly level: number; readonly desc: string }[]
}

const said = (one: Expected) => one.tls as Said

export const tls: Comparison = {
  protocol: 'tls',
  reference: 'tls',
  expected: {
    method: () => 'HANDSHAKE',
    // without a name that the client calls, ours is the certificate's, which the reference does not have
    resource: one => said(one).sni,
    // an alert that ends a handshake is its status here, whether a version was agreed upon before or not
    status: one =>
      (one.ok ? undefined : said(one).alerts.find(({ level }) => level === 2)?.desc) ??
      one.status?.toString().replace('alert:', '') ??
      '-',
  },
  exceptions: [
    {
      file: /ndpi\/tls_certificate_too_long|packetbeat\/tls-sample1|suricata\/tls-duplicate-hello|zeek\/tls__heartbleed-success/,
      fields: ['outcome'],
      reason:
        'the client ends the connection before it has finished, without an alert that could be read: a ServerHello is no handshake',
    },
    {
      file: /ndpi\/dnscrypt-v2-doh/,
      fields: ['status', 'outcome'],
      reason:
        'the first record of the client after the server has finished is as long as an alert and no other message is: it ends the handshake',
    },
    {
      file: /ndpi\/tls_client_certificate_with_missing_server_one/,
      fields: ['outcome'],
      reason:
        "the server's answer is among lost bytes, as the client's acknowledgements show: that is no error",
    },
  ],
}
