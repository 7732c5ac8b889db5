import type { Protocol } from '../protocol.ts'
import { Http2Decoder } from './decoder.ts'
import { detect } from './detect.ts'

/**
 * HTTP/2 without TLS (RFC 9113, RFC 7541): with prior knowledge, or upgraded from HTTP/1.1 (RFC 7540, 3.2). One transaction
 * per stream, told when its response has ended; one per promise of a server too. Method and resource are `:method` and
 * `:path`, status is `:status`, or the error's name when either side reset the stream. A stream that the client resets
 * is a warning, one that the server resets an error, unless who resets it blames the other.
 *
 * Where the beginning was missed, what header blocks refer to is not known: `<unknown>`.
 */
export const http2: Protocol = {
  name: 'http2',
  title: 'HTTP/2',
  role: 'web',
  transports: ['tcp'],
  ports: [80, 8080, 50051, 2379],
  detect,
  open: (done, options) => new Http2Decoder(done, options),
}
