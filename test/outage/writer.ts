// An agent without a capture: tells invented seconds to a server as fast as it is asked to, and writes down before and
// after each that it did. `writer.ts SERVER FOLDER TRUTH FIRST LAST EVERY_MS BASE_MS`

import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { Spool } from '#spool/spool.ts'
import { ownClock, ServerTime } from '../../src/server-time.ts'
import { Uplink } from '../../src/uplink.ts'
import { parties, secondOf } from './seconds.ts'

const [server, folder, truth, ...numbers] = process.argv.slice(2)
const [first, last, everyMs, baseMs] = numbers.map(Number)
const spool = new Spool({ run: randomUUID(), folder, clock: ownClock })
const quiet = { info() {}, warn() {}, error() {} }
const uplink = new Uplink({
  ...{ server: new URL(server), token: 'agent-token', node: 'n1', version: 'test', log: quiet },
  ...{ spool, time: new ServerTime(ownClock) },
  identity: () => ({ hostNamespace: 'host', addresses: ['10.0.0.5'] }),
})
uplink.allGroups('docker', parties)
process.on('SIGTERM', () => uplink.close())

let number = first
const timer = setInterval(() => {
  if (number > last) return clearInterval(timer)
  appendFileSync(truth, `begun ${number}\n`)
  uplink.windows(secondOf(baseMs + number * 1000, number), true)
  appendFileSync(truth, `done ${number}\n`)
  number++
}, everyMs)
