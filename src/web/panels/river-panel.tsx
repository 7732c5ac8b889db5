import type { Picture } from '../state/page.ts'
import { texts } from '../texts.ts'
import { LinkRows } from './link-rows.tsx'
import { FlowRows, Panel } from './panel.tsx'
import { usePage, useSurroundings } from './use-desk.ts'

/** Seconds of the lines beside the figures. */
const trendSeconds = 900

/** All links between two places: together, then one by one. */
export function RiverPanel({ id }: { id: string }) {
  const picture = usePage(page => page.picture)
  const index = picture?.map.topology.linkIndex.get(id)
  if (!picture || index === undefined) {
    return (
      <Panel label={id} title={<span>{texts.link.gone}</span>} sub="">
        {null}
      </Panel>
    )
  }
  const { topology } = picture.map
  const { client, server } = topology.links[index]
  const [from, to] = [topology.services[client].name, topology.services[server].name]
  const name = client === server ? `${texts.place.inside} ${from}` : `${from} → ${to}`
  const parts = [...picture.topology.links.keys()].filter(i => picture.level.linkOf[i] === index)
  return (
    <Panel
      label={name}
      title={<span title={name}>{name}</span>}
      sub={texts.place.river(parts.length)}
    >
      <Together picture={picture} index={index} parts={parts} />
      <LinkRows
        {...{ picture, side: 'both', indexes: parts }}
        title={texts.kpi.links}
        none={texts.place.gone}
      />
    </Panel>
  )
}

interface TogetherProps {
  readonly picture: Picture
  readonly index: number
  readonly parts: readonly number[]
}

function Together({ picture, index, parts }: TogetherProps) {
  const { history } = useSurroundings().desk
  const { links } = picture.map
  const ids = parts.map(part => picture.topology.links[part].id)
  const series = history.series(ids, trendSeconds)
  return (
    <FlowRows
      name={texts.kpi.requests}
      requests={links.requests[index]}
      errorShare={links.errorShare[index]}
      p99Us={links.p99Us[index]}
      series={series}
    />
  )
}
