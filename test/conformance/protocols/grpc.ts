import type { Comparison } from '../comparison.ts'

/** Status codes of gRPC that occur. */
const names: Readonly<Record<number, string>> = { 0: 'OK' }

export const grpc: Comparison = {
  protocol: 'grpc',
  reference: 'grpc',
  // gRPC's own status; the reference has HTTP's, and that one beside it where there are trailers
  expected: {
    status: ({ grpcStatus }) => (typeof grpcStatus === 'number' ? names[grpcStatus] : '-'),
  },
  exceptions: [],
}
