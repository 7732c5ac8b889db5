import { Http2Decoder } from '../http2/decoder.ts'
import type { Protocol } from '../protocol.ts'

/**
 * gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): its calls are streams whose content
 * type says so, and HTTP/2's decoder tells them. Method is always `POST`, resource `/package.Service/Method`, status the
 * name of `grpc-status`, or what a client makes of an answer without it. A call is told when it ends, however long it lives.
 */
export const grpc: Protocol = {
  name: 'grpc',
  title: 'gRPC',
  role: 'web',
  transports: ['tcp'],
  within: 'http2',
  ports: [],
  detect: () => 'no',
  open: (done, options) => new Http2Decoder(done, options),
}
