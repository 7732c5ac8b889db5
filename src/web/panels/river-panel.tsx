import { cut } from '../state/format.ts'
import { texts } from '../texts.ts'
import { LinkFlow, LinkRows } from './link-rows.tsx'
import { Name } from './name.tsx'
import { Panel } from './panel.tsx'
import { usePage } from './use-desk.ts'

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
    <Panel label={cut(name)} title={<Name text={name} />} sub={texts.place.river(parts.length)}>
      <LinkFlow
        picture={picture.map}
        index={index}
        ids={parts.map(part => picture.topology.links[part].id)}
      />
      <LinkRows
        {...{ picture, side: 'both', indexes: parts }}
        title={texts.kpi.links}
        none={texts.place.gone}
      />
    </Panel>
  )
}
