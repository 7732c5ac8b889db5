import type { Outcome } from '#model/transaction.ts'

/** What an answer says of itself, and whose fault it is. */
export interface Reason {
  readonly name: string
  readonly outcome: Outcome
}

/** Below it reason codes tell of success: of what kind (MQTT 5.0, 2.4). */
const failureMin = 0x80

/** Reason codes by number, as named in MQTT 5.0, 2.4. Of QoS 0 granted it has the same number as of success. */
const names: Readonly<Record<number, string>> = {
  0: 'Success',
  1: 'Granted QoS 1',
  2: 'Granted QoS 2',
  4: 'Disconnect with Will Message',
  16: 'No matching subscribers',
  17: 'No subscription existed',
  24: 'Continue authentication',
  25: 'Re-authenticate',
  128: 'Unspecified error',
  129: 'Malformed Packet',
  130: 'Protocol Error',
  131: 'Implementation specific error',
  132: 'Unsupported Protocol Version',
  133: 'Client Identifier not valid',
  134: 'Bad User Name or Password',
  135: 'Not authorized',
  136: 'Server unavailable',
  137: 'Server busy',
  138: 'Banned',
  139: 'Server shutting down',
  140: 'Bad authentication method',
  141: 'Keep Alive timeout',
  142: 'Session taken over',
  143: 'Topic Filter invalid',
  144: 'Topic Name invalid',
  145: 'Packet Identifier in use',
  146: 'Packet Identifier not found',
  147: 'Receive Maximum exceeded',
  148: 'Topic Alias invalid',
  149: 'Packet too large',
  150: 'Message rate too high',
  151: 'Quota exceeded',
  152: 'Administrative action',
  153: 'Payload format invalid',
  154: 'Retain not supported',
  155: 'QoS not supported',
  156: 'Use another server',
  157: 'Server moved',
  158: 'Shared Subscriptions not supported',
  159: 'Connection rate exceeded',
  160: 'Maximum connect time',
  161: 'Subscription Identifiers not supported',
  162: 'Wildcard Subscriptions not supported',
}

/** The server's fault. All other failures are the client's, or send it elsewhere. */
const faults: ReadonlySet<number> = new Set([0x80, 0x83, 0x88, 0x89, 0x8b, 0x98])

const unnamed: Reason = { name: 'Unknown reason', outcome: 'error' }
const reasons: readonly Reason[] = Array.from({ length: 256 }, (_, code) => {
  const name = names[code]
  if (name === undefined) return unnamed
  if (code < failureMin) return { name, outcome: 'ok' }
  return { name, outcome: faults.has(code) ? 'error' : 'warning' }
})

/** The reason with a code, as in MQTT 5.0; `Unknown reason`, an error, without a name. */
export const reasonOf = (code: number): Reason => reasons[code] ?? unnamed

/** What SUBACK says of QoS 0: its code is that of success. */
export const grantedQos0: Reason = { name: 'Granted QoS 0', outcome: 'ok' }

/** Whether a reason code has a name. */
export const isKnownReason = (code: number): boolean => names[code] !== undefined

/** Whether a reason code tells of a failure. */
export const isFailure = (code: number): boolean => code >= failureMin

/** CONNACK of MQTT 3.1.1 has numbers of its own (3.2.2.3): they are said in the later words. */
const connectCodes = [0x00, 0x84, 0x85, 0x88, 0x86, 0x87]
export const connectCodesMax: number = connectCodes.length - 1

/** The reason code for a return code of CONNACK in MQTT 3.1 and 3.1.1. */
export const reasonCodeOf = (returnCode: number): number => connectCodes[returnCode] ?? 0xff
