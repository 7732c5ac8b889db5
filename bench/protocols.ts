// How fast each protocol is decoded on one core: flows of 100 transactions from segments in memory, through detection
// and the whole conversation. Prints one JSON line a protocol: medians of 5 runs.
import { converse, shareOptions } from '#protocols/conversation.ts'
import { protocols } from '#protocols/index.ts'
import { flowOf, type Piece, parseTalk, type Talk } from '#protocols/talk.ts'
import { median } from './figures.ts'

const runs = 5
const runMs = 400
const perFlow = 100

/** What opens a connection, and then one exchange, as talks. */
const talks: Record<string, { readonly opening?: string; readonly exchange: string }> = {
  http: {
    exchange: `
> "GET /api/v1/products/1842?currency=EUR&session=8c1f HTTP/1.1\\r\\nHost: catalogue.shop.svc.cluster.local:8080\\r\\n"
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\\r\\nAccept: application/json, text/plain, */*\\r\\n"
  "Accept-Encoding: gzip, deflate\\r\\nConnection: keep-alive\\r\\nX-Request-Id: 7d0c2f2a\\r\\n\\r\\n"
< "HTTP/1.1 200 OK\\r\\nServer: nginx/1.25.3\\r\\nDate: Sat, 21 Nov 2026 13:28:00 GMT\\r\\nContent-Type: application/json\\r\\n"
  "Content-Length: 600\\r\\nConnection: keep-alive\\r\\nETag: \\"65a1\\"\\r\\n\\r\\n" "${'x'.repeat(600)}"
`,
  },
  redis: {
    exchange: `
> "*2\\r\\n$3\\r\\nGET\\r\\n$12\\r\\nproduct:1842\\r\\n"
< "$200\\r\\n${'x'.repeat(200)}\\r\\n"
`,
  },
  postgres: {
    opening: `
> x'00000017 00030000' "user\\0shop\\0\\0\\0\\0\\0\\0"
< x'52 00000008 00000000 5a 00000005 49'
`,
    exchange: `
> x'51 00000032' "SELECT name, price FROM product WHERE id = 18\\0"
< x'54 0000001d 0001' "name\\0" x'00000000 0000 00000019 ffff ffffffff 0000' x'44 00000010 0001 00000006' "teapot"
  x'43 0000000d' "SELECT 1\\0" x'5a 00000005 49'
`,
  },
  dns: {
    exchange: `
udp
> x'1a2b 0100 0001 0000 0000 0000 04 73686f70 04 74657374 00 0001 0001'
< x'1a2b 8180 0001 0001 0000 0000 04 73686f70 04 74657374 00 0001 0001 c00c 0001 0001 0000003c 0004 0a010203'
`,
  },
}

for (const [name, { opening = '', exchange }] of Object.entries(talks)) {
  const talk = parseTalk(exchange)
  const flow = [...parseTalk(opening).pieces, ...Array(perFlow).fill(talk.pieces).flat()]
  const bytes = flow.reduce((sum: number, piece: Piece) => sum + piece.bytes.length, 0)
  measure(name, talk, flow)
  const found = Array.from({ length: runs }, () => measure(name, talk, flow))
  const perSecond = median(found)
  const mbPerSecond = ((perSecond / perFlow) * bytes) / 1e6
  console.log(
    JSON.stringify({
      bench: 'protocols',
      protocol: name,
      transactionsPerSecond: Math.round(perSecond),
      mbPerSecond: Math.round(mbPerSecond),
      bytesPerTransaction: Math.round(bytes / perFlow),
    }),
  )
}

/** Transactions per second of processor time, so that a busy machine does not matter; fails when the decoder misses any. */
function measure(name: string, talk: Talk, pieces: readonly Piece[]): number {
  let transactions = 0
  let flows = 0
  const options = shareOptions({ raw: false, fault: fail })
  const start = process.cpuUsage()
  let tookMs = 0
  while (tookMs < runMs) {
    for (let i = 0; i < 20; i++) {
      const reader = converse(flowOf(talk, 1), protocols, () => transactions++, options)
      for (const { side, bytes, timeUs } of pieces)
        reader.read(side, bytes, 0, bytes.length, timeUs)
      reader.close('ended', 0)
      flows++
    }
    const { user, system } = process.cpuUsage(start)
    tookMs = (user + system) / 1000
  }
  if (transactions < flows * perFlow) fail(name, `${transactions} of ${flows * perFlow}`)
  return (transactions / tookMs) * 1000
}

function fail(protocol: string, reason: unknown): never {
  throw new Error(`${protocol}: ${reason}`)
}
