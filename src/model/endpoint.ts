/** One end of a conversation: an IP address in its canonical text form, and a port (0: any, not told apart). */
export interface Endpoint {
  readonly ip: string
  readonly port: number
}

/** `10.0.0.1:80`, `[::1]:80`. */
export function format({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** The inverse of `format`; undefined when the text is no endpoint. */
export function parse(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text)
  if (!match) return undefined
  const port = Number(match[3])
  return port > 65535 ? undefined : { ip: match[1] ?? match[2], port }
}
