import type { Frame, Names, Topology } from './feed.ts'
import { indexNames } from './feed.ts'

/**
 * Names from a line of text: `web>db db>disk` is three services and two links, each link's id is its text. A `!` marks
 * an unhealthy service.
 */
export function namesOf(text: string, version = 1): Names {
  const pairs = text.split(' ').map(pair => pair.replaceAll('!', '').split('>'))
  const sick = new Set(text.split(/[ >]/).filter(name => name.endsWith('!')))
  const names = [...new Set(pairs.flat())]
  return {
    version,
    services: names.map(name => ({
      id: name,
      name,
      kind: 'container',
      role: 'plain',
      group: ['shop'],
      instances: 1,
      health: sick.has(`${name}!`) ? 'unhealthy' : 'healthy',
      watched: 'wholly',
      away: [],
    })),
    links: pairs
      .filter(pair => pair.length === 2)
      .map(([client, server]) => ({
        id: `${client}>${server}`,
        client: names.indexOf(client),
        server: names.indexOf(server),
        protocol: 'http',
      })),
  }
}

export const topologyOf = (text: string, version = 1): Topology =>
  indexNames(namesOf(text, version))

/** A second in which each link did `[ok, warning, error, p50Us, p99Us]`. */
export function frameOf(
  rows: readonly (readonly [number, number?, number?, number?, number?])[],
  timeMs = 1000,
): Frame {
  const column = (index: number) => Float32Array.from(rows, row => row[index] ?? 0)
  return {
    version: 1,
    timeMs,
    ok: column(0),
    warning: column(1),
    error: column(2),
    p50Us: column(3),
    p99Us: column(4),
    bytes: Float32Array.from(rows, () => 100),
  }
}
