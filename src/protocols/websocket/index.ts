import type { Protocol } from '../protocol.ts'
import { WebSocketDecoder } from './decoder.ts'
import { detect } from './detect.ts'

/**
 * The WebSocket protocol (RFC 6455), also with compressed messages (RFC 7692): what follows the upgrade of an HTTP/1
 * connection. Transactions, all with the target of the upgrade as resource:
 *
 * - TEXT, BINARY: a message, put together of its fragments. Nobody answers it: it has no status and is ok. One that is
 *   cut off is an error.
 * - PING with its PONG. Who closes instead answers it with that; who does neither did not answer.
 * - CLOSE: a connection's end. Its status is the close code of who closed first: 1005 is one without a code, 1006 a
 *   connection that ended without any CLOSE: a warning, after a reset an error.
 *
 * The client is always who asked for the upgrade, whoever speaks: what the server says are response bytes.
 * Whole bytes of frames are counted, headers and masking keys too. Payloads are passed over.
 */
export const websocket: Protocol = {
  name: 'websocket',
  title: 'WebSocket',
  role: 'web',
  transports: ['tcp'],
  within: 'http',
  ports: [],
  detect,
  open: (done, options) => new WebSocketDecoder(done, options),
}
