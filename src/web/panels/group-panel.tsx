import { watchersOf } from '../state/clusters.ts'
import { cut } from '../state/format.ts'
import type { Picture } from '../state/page.ts'
import {
  isWithin,
  nameOfPlace,
  nodeAtPlace,
  type Path,
  pathAt,
  pathOfGroup,
  pathsTo,
} from '../state/place.ts'
import { texts } from '../texts.ts'
import { ClusterPart } from './cluster-part.tsx'
import styles from './group-panel.module.css'
import { Row } from './link-rows.tsx'
import { ServiceMark } from './marks.tsx'
import { Name } from './name.tsx'
import { Neighbours } from './neighbours.tsx'
import panel from './panel.module.css'
import { FlowRows, Panel } from './panel.tsx'
import { type TabPart, Tabs } from './tabs.tsx'
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
      <Panel label={cut(path)} title={<Name text={path} />} sub="">
        <p className={panel.none}>{texts.place.gone}</p>
      </Panel>
    )
  }
  const title = (
    <>
      <ServiceMark {...groupMark} />
      <Name text={nameOfPlace(path)} />
    </>
  )
  const around = pathsTo(path).slice(0, -1).map(nameOfPlace)
  const sub = [texts.kind.group, ...around, texts.place.services(members.length)].join(' · ')
  return (
    <Panel label={cut(path)} title={title} sub={<bdi>{cut(sub)}</bdi>}>
      <button type="button" className={styles.open} onClick={() => goTo(path)}>
        {texts.place.enter}
      </button>
      <Parts path={path}>
        <Incoming picture={picture} members={new Set(members)} />
        <Members picture={picture} path={path} members={members} />
        <Neighbours map={picture.map} id={id} />
      </Parts>
    </Panel>
  )
}

/** What a group is; of a whole cluster beside it what it consists of; of a machine the way to what is known of it. */
function Parts({ path, children }: { path: Path; children: React.ReactNode }) {
  const status = usePage(page => page.status)
  const { select } = useView()
  const watchers = watchersOf(path, status)
  const node = nodeAtPlace(path)
  if (node !== undefined) {
    return (
      <>
        <button
          type="button"
          className={styles.open}
          onClick={() => select({ kind: 'node', id: node })}
        >
          {texts.cluster.machine}
        </button>
        {children}
      </>
    )
  }
  if (!watchers) return children
  const count = watchers.agents.length
  const parts: readonly TabPart[] = [
    { tab: undefined, name: texts.panel.overview, content: () => children },
    {
      ...{ tab: 'nodes', name: texts.cluster.nodes, count },
      content: () => <ClusterPart path={path} watchers={watchers} />,
    },
  ]
  return <Tabs label={texts.panel.parts(nameOfPlace(path))} parts={parts} />
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

interface MembersProps {
  readonly picture: Picture
  readonly path: Path
  readonly members: readonly number[]
}

function Members({ picture, path, members }: MembersProps) {
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
          const service = topology.services[index]
          const { id, name, kind } = service
          // Many groups have an api and a cache: the group within tells them apart.
          const within = pathAt(path, service).slice(path.length + 1)
          return (
            <Row
              key={id}
              name={name}
              note={within ? cut(within) : kind}
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
