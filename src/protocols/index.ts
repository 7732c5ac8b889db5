import { amqp } from './amqp/index.ts'
import { cassandra } from './cassandra/index.ts'
import { dns } from './dns/index.ts'
import { grpc } from './grpc/index.ts'
import { http1 } from './http1/index.ts'
import { http2 } from './http2/index.ts'
import { kafka } from './kafka/index.ts'
import { memcached } from './memcached/index.ts'
import { mongodb } from './mongodb/index.ts'
import { mqtt } from './mqtt/index.ts'
import { mysql } from './mysql/index.ts'
import { nats } from './nats/index.ts'
import { postgres } from './postgres/index.ts'
import type { Protocol } from './protocol.ts'
import { redis } from './redis/index.ts'
import { thrift } from './thrift/index.ts'
import { tls } from './tls/index.ts'
import { websocket } from './websocket/index.ts'

/** Every protocol, asked in this order: those with the strongest evidence first. */
export const protocols: readonly Protocol[] = [
  http1,
  http2,
  grpc,
  tls,
  mongodb,
  cassandra,
  postgres,
  mysql,
  amqp,
  nats,
  thrift,
  redis,
  mqtt,
  memcached,
  kafka,
  dns,
  websocket,
]
