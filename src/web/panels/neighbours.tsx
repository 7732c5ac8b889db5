import type { Figures } from '../state/page.ts'
import { texts } from '../texts.ts'
import { LinkRows } from './link-rows.tsx'

/** Whom it talks with, as the map shows them. */
export function Neighbours({ map, id }: { map: Figures; id: string }) {
  const index = map.topology.serviceIndex.get(id)
  if (index === undefined) return null
  const isElsewhere = (link: number) => {
    const { client, server } = map.topology.links[link]
    return client !== server
  }
  const [incoming, outgoing] = [map.topology.incoming[index], map.topology.outgoing[index]]
  return (
    <>
      <LinkRows
        {...{ picture: map, side: 'callers', indexes: incoming.filter(isElsewhere) }}
        title={texts.service.callers}
        none={texts.service.noCallers}
      />
      <LinkRows
        {...{ picture: map, side: 'calls', indexes: outgoing.filter(isElsewhere) }}
        title={texts.service.outgoing}
        none={texts.service.noCalls}
      />
    </>
  )
}
