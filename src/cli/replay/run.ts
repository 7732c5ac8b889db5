import { randomBytes, randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import { eachSecond } from '#lib/clock.ts'
import type { Packet } from '#model/packet.ts'
import { Spool } from '#spool/spool.ts'
import { Windows } from '#windows/windows.ts'
import { createLog } from '../../log.ts'
import { Pipeline } from '../../pipeline.ts'
import { startServer } from '../../server.ts'
import { ownClock, ServerTime } from '../../server-time.ts'
import { Uplink } from '../../uplink.ts'
import { version } from '../../version.ts'
import { openCapture } from '../captures.ts'
import { checkExposure } from '../server.ts'
import { aborted, untilStopped } from '../stop.ts'

export interface ReplayOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly speed: number
  readonly viewToken?: string
}

/** A server of its own, fed by capture files as if they happened now. */
export async function runReplay(files: readonly string[], options: ReplayOptions): Promise<void> {
  for (const file of files) openCapture(file).close()
  const viewToken = options.viewToken ?? process.env.INKLING_VIEW_TOKEN
  checkExposure(options.listen.host, viewToken)
  const signal = untilStopped()
  const log = createLog('info')
  const agentToken = randomBytes(16).toString('hex')
  const server = await startServer({ ...options.listen, agentToken, viewToken, log })
  process.stdout.write(`The map is at ${server.url}\n`)
  const node = basename(files[0]).replaceAll(/\s/g, '-')
  const spool = new Spool({ run: randomUUID(), clock: ownClock })
  const uplink = new Uplink({
    server: new URL(server.url),
    ...{ token: agentToken, node, version, spool, log },
    time: new ServerTime(ownClock),
    identity: () => ({ hostNamespace: '', addresses: [] }),
  })
  for (const file of files) await play(file, options.speed, uplink, signal)
  if (!signal.aborted) process.stdout.write('The capture has ended; Ctrl-C ends the map.\n')
  await aborted(signal)
  await uplink.close()
  await server.close()
}

/** Gives each second of the file's time, `speed` of them a second, to the server as if it were now. */
async function play(file: string, speed: number, uplink: Uplink, signal: AbortSignal) {
  const source = openCapture(file)
  const windows = new Windows({ namespaceName: () => '', tellsPortsApart: () => false })
  const fault = (protocol: string, reason: unknown) => {
    process.stderr.write(`inkling: the ${protocol} decoder failed: ${reason}\n`)
  }
  const pipeline = new Pipeline({ raw: false, windows, fault })
  let untilUs = 0
  const add = (packet: Packet) => {
    untilUs ||= packet.timeUs
    pipeline.add(packet)
    lastUs = packet.timeUs
  }
  let lastUs = 0
  await new Promise<void>(resolve => {
    const stop = eachSecond(0, () => {
      untilUs += speed * 1_000_000
      while (!source.ended && lastUs <= untilUs) source.drain(add, 64)
      if (source.ended) pipeline.flush()
      else pipeline.flows.tick(Math.min(lastUs, untilUs))
      pipeline.measure()
      uplink.windows(windows.take(Math.floor(Date.now() / 1000) * 1000 - 1000), true)
      if (!source.ended && !signal.aborted) return
      stop()
      resolve()
    })
  })
  source.close()
  if (source.fault !== undefined) process.stderr.write(`inkling: ${source.fault}\n`)
}
