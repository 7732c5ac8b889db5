import type { Picture } from '../state/page.ts'
import { isWithin, nameOfPlace, type Path, pathAt, pathOfGroup, pathsTo } from '../state/place.ts'
import { texts } from '../texts.ts'
import styles from './group-panel.module.css'
import { Row } from './link-rows.tsx'
import { ServiceMark } from './marks.tsx'
import { Neighbours } from './neighbours.tsx'
import panel from './panel.module.css'
import { FlowRows, Panel } from './panel.tsx'
import { usePage, useSurroundings, useView } from './use-desk.ts'

/** Seconds of the lines beside the figures. */
const trendSeconds = 900
/** Services that are listed. */
const membersMax = 60

const groupMark = { kind: 'group', role: 'plain' } as const

/** A group of services: what comes in, who is in it, with whom it talks. */
export function GroupPanel({ id }: { id: string }) {
  const picture = usePage(page => page.picture)
  const { goTo } = useView()
  const path = pathOfGroup(id) ?? ''
  const members = picture ? membersOf(picture, path) : []
  if (!picture || members.length === 0) {
    return (
      <Panel label={path} title={<span>{path}</span>} sub="">
        <p className={panel.none}>{texts.place.gone}</p>
      </Panel>
    )
  }
  const title = (
    <>
      <ServiceMark {...groupMark} />
      <span title={path}>{nameOfPlace(path)}</span>
    </>
  )
  const around = pathsTo(path).slice(0, -1).map(nameOfPlace)
  const sub = [texts.kind.group, ...around, texts.place.services(members.length)].join(' · ')
  return (
    <Panel label={path} title={title} sub={sub}>
      <button type="button" className={styles.open} onClick={() => goTo(path)}>
        {texts.place.enter}
      </button>
      <Incoming picture={picture} members={new Set(members)} />
      <Members picture={picture} members={members} />
      <Neighbours map={picture.map} id={id} />
    </Panel>
  )
}

const membersOf = ({ topology }: Picture, path: Path): number[] =>
  [...topology.services.keys()].filter(index =>
    isWithin(pathAt(path, topology.services[index]), path),
  )

/** What its services are asked, by each other and from elsewhere. */
function Incoming({ picture, members }: { picture: Picture; members: ReadonlySet<number> }) {
  const { history } = useSurroundings().desk
  const { topology, links } = picture
  const indexes = [...topology.links.keys()].filter(i => members.has(topology.links[i].server))
  const sum = (column: ArrayLike<number>) => indexes.reduce((all, i) => all + column[i], 0)
  const requests = sum(links.requests)
  const errorShare = requests > 0 ? sum(links.errors) / requests : 0
  const ids = indexes.map(index => topology.links[index].id)
  const series = () => history.series(ids, trendSeconds)
  const p99Us = indexes.reduce((worst, i) => Math.max(worst, links.p99Us[i]), 0)
  return <FlowRows name={texts.service.requests} {...{ requests, errorShare, p99Us, series }} />
}

function Members({ picture, members }: { picture: Picture; members: readonly number[] }) {
  const { reveal } = useView()
  const { topology, services } = picture
  const sorted = [...members].sort((a, b) => services.requests[b] - services.requests[a])
  const most = services.requests[sorted[0]]
  return (
    <>
      <h3 className={panel.section}>
        {texts.place.members} {members.length}
        <span style={{ marginLeft: 'auto' }}>{texts.service.rate}</span>
        <span>{texts.service.error}</span>
      </h3>
      <ul className={panel.rows}>
        {sorted.slice(0, membersMax).map(index => {
          const { id, name, kind } = topology.services[index]
          return (
            <Row
              key={id}
              name={name}
              note={kind}
              requests={services.requests[index]}
              part={most > 0 ? services.requests[index] / most : 0}
              errorShare={services.errorShare[index]}
              choose={() => reveal({ kind: 'service', id })}
            />
          )
        })}
      </ul>
      {sorted.length > membersMax && (
        <p className={panel.none}>{texts.place.more(sorted.length - membersMax)}</p>
      )}
    </>
  )
}
