import { isFailure, reasonCodeOf, reasonOf } from '#protocols/mqtt/codes.ts'
import type { Comparison } from '../comparison.ts'
import type { Expected } from '../expectation.ts'

export const mqtt: Comparison = {
  protocol: 'mqtt',
  reference: 'mqtt',
  // joined in midstream, messages and acknowledgements both ways on a port of its own: nothing says who is the server,
  // and the reference takes it for the client
  isCounted: ({ client }) => client !== '192.168.56.101:17501',
  expected: {
    // a message that comes to a subscriber is no publishing of his
    method: ({ method, initiator }) =>
      method === 'PUBLISH' && initiator === 'server' ? 'DELIVER' : (method ?? ''),
    // CONNECT has the client id here
    resource: ({ method, resource }) => (method === 'CONNECT' ? undefined : (resource ?? '')),
    status: reasonExpected,
  },
  exceptions: [
    {
      file: /^arkime\/mqtt_big\.pcap$/,
      fields: ['status'],
      reason:
        'of several topic filters the first is told, and how it was granted: there the highest',
    },
    {
      file: /^suricata\/mqtt-events-invalid-qos\.pcap$/,
      fields: ['outcome'],
      reason: 'bytes of the server were lost: that the answer was not seen is no error',
    },
  ],
}

/** Reasons are named here, numbers there; those of before MQTT 5.0 in the words of MQTT 5.0. */
function reasonExpected({ method, status, mqttVersion }: Expected): string | undefined {
  // the reference does not read them
  if (method === 'UNSUBSCRIBE' || method === 'DISCONNECT') return undefined
  if (typeof status !== 'number') return '-'
  if (method === 'SUBSCRIBE' && status === 0) return 'Granted QoS 0'
  const isOld = method === 'CONNECT' && mqttVersion !== 5 && !isFailure(status)
  return reasonOf(isOld ? reasonCodeOf(status) : status).name
}
