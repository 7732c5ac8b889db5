import { cut, formatNumber, join, share } from '../state/format.ts'
import type { Figures } from '../state/page.ts'
import { busiestFirst, linkAt } from '../state/walk.ts'
import { texts } from '../texts.ts'
import styles from './panel.module.css'
import { FlowRows } from './panel.tsx'
import { usePage, useSurroundings, useView } from './use-desk.ts'

/** Rows that are listed; the title says how many there are. */
const rowsMax = 40

export interface LinkRowsProps {
  readonly picture: Figures
  /** Which of the two ends is named. */
  readonly side: 'callers' | 'calls' | 'both'
  readonly indexes: readonly number[]
  readonly title: string
  /** What is said when there are none. */
  readonly none: string
  /** Rows at most. */
  readonly most?: number
}

/** Links, the busiest first: whose, how many requests, how many failed. */
export function LinkRows({ picture, side, indexes, title, none, most = rowsMax }: LinkRowsProps) {
  const sorted = busiestFirst(picture, indexes).slice(0, most)
  const busiest = sorted.length > 0 ? picture.links.requests[sorted[0]] : 0
  return (
    <>
      <h3 className={styles.section}>
        {title && `${title} ${indexes.length}`}
        <span style={{ marginLeft: 'auto' }}>{texts.service.rate}</span>
        <span>{texts.service.error}</span>
      </h3>
      {indexes.length === 0 && <p className={styles.none}>{none}</p>}
      <ul className={styles.rows}>
        {sorted.map(link => (
          <LinkRow
            key={picture.topology.links[link].id}
            {...{ picture, side, link, most: busiest }}
          />
        ))}
      </ul>
      {sorted.length < indexes.length && (
        <p className={styles.none}>{texts.place.more(indexes.length - sorted.length)}</p>
      )}
    </>
  )
}

interface LinkRowProps extends Pick<LinkRowsProps, 'picture' | 'side'> {
  readonly link: number
  readonly most: number
}

function LinkRow({ picture, side, link, most }: LinkRowProps) {
  const { select } = useView()
  const moment = usePage(page => page.view.moment)
  const { topology, links } = picture
  const { protocol, client, server } = topology.links[link]
  const [from, to] = [topology.services[client].name, topology.services[server].name]
  const name = side === 'both' ? `${from} → ${to}` : side === 'callers' ? from : to
  return (
    <Row
      name={name}
      note={protocol}
      requests={links.requests[link]}
      part={most > 0 ? links.requests[link] / most : 0}
      errorShare={links.errorShare[link]}
      // Of a river one may have come for one second: its links are asked for the same.
      choose={() => select(linkAt(picture, link), side === 'both' ? moment : undefined)}
    />
  )
}

export interface LinkFlowProps {
  readonly picture: Pick<Figures, 'links'>
  readonly index: number
  /** Ids of all links that it stands for. */
  readonly ids: readonly string[]
}

/** Seconds of the lines beside the figures. */
const trendSeconds = 900

/** What goes over a link, or over all links that are shown as one. */
export function LinkFlow({ picture: { links }, index, ids }: LinkFlowProps) {
  const { history } = useSurroundings().desk
  return (
    <FlowRows
      name={texts.kpi.requests}
      requests={links.requests[index]}
      errorShare={links.errorShare[index]}
      p99Us={links.p99Us[index]}
      series={() => history.series(ids, trendSeconds)}
    />
  )
}

export interface RowProps {
  readonly name: string
  readonly note: string
  readonly requests: number
  /** Of the busiest row, 0 to 1. */
  readonly part: number
  readonly errorShare: number
  choose(): void
}

/** A name with its rate as a bar behind it. */
export function Row({ name, note, requests, part, errorShare, choose }: RowProps) {
  const tone = errorShare > 0 ? 'error' : undefined
  return (
    <li>
      <button type="button" className={styles.row} onClick={choose}>
        <span className={styles.fill} data-tone={tone} style={{ width: `${100 * part}%` }} />
        <span className={styles.rowName} title={cut(name)}>
          <bdi>{cut(name)}</bdi>
          <small>{note}</small>
        </span>
        <span className={styles.cell}>{formatNumber(requests)}</span>
        <span className={styles.cell} data-tone={tone ?? 'none'}>
          {join(share(errorShare))}
        </span>
      </button>
    </li>
  )
}
