import { formatNumber } from './details.ts'
import type { VizceralConnection, VizceralNode } from './graph.ts'
import type { Notice } from './parse.ts'

/** What is told of a node or a connection beside the pointer. */
export interface Card {
  readonly title: string
  readonly lines: readonly string[]
  readonly notices: readonly Notice[]
}

const texts = { rps: 'RPS', errors: 'errors' }

export function cardOf(object: VizceralNode | VizceralConnection): Card {
  const [volume, shares, title] =
    object.type === 'node'
      ? [object.data.volume, object.data.classPercents, object.displayName]
      : [
          object.volumeTotal,
          object.volumePercent,
          `${object.source.displayName} → ${object.target.displayName}`,
        ]
  const errors =
    shares.danger > 0 ? [`${formatNumber(shares.danger, '0.00%')} ${texts.errors}`] : []
  const lines = [`${formatNumber(volume, '0.0a')} ${texts.rps}`, ...errors]
  return { title, lines: [lines.join(' · ')], notices: object.notices }
}
