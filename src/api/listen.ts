import type { Server } from 'node:http'
import { Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { codeOf, Fault, messageOf } from '#lib/fault.ts'

interface Place {
  readonly host: string
  readonly port: number
}

/** Listens; a place that can't be had is one sentence that says what to do. */
export async function listen(server: Server, { host, port }: Place): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => resolve())
    })
  } catch (error) {
    throw new Fault(sentenceOf(error, host, port))
  }
}

function sentenceOf(error: unknown, host: string, port: number): string {
  const place = `${host}:${port}`
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${place} is in use by another program: choose another port with --listen ${host}:PORT.`
    case 'EACCES':
      return `Ports below 1024 need a privilege: choose a higher one than ${port} with --listen.`
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine: choose one with --listen.`
    default:
      return `Cannot listen on ${place}: ${messageOf(error)}.`
  }
}

/** Where a listening server is reached from this machine. */
export function addressOf(server: Server, host: string): { url: string; port: number } {
  const { port } = server.address() as AddressInfo
  const everywhere = host === '0.0.0.0' || host === '::'
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const scheme = server instanceof SecureServer ? 'https' : 'http'
  return { url: `${scheme}://${name}:${port}`, port }
}
