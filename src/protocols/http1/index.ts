import type { Protocol } from '../protocol.ts'
import { HttpDecoder } from './decoder.ts'
import { detect } from './detect.ts'

/**
 * HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112), and what is left of 0.9. One transaction per request; interim responses
 * (1xx) are none, 101 is. After 101, or a CONNECT that succeeds, the flow is another protocol's.
 */
export const http1: Protocol = {
  name: 'http',
  title: 'HTTP',
  role: 'web',
  transports: ['tcp'],
  ports: [80, 8080, 8000, 3000, 5000, 8081, 8888, 9090, 9200],
  detect,
  open: (done, options) => new HttpDecoder(done, options),
}
