import { instanceOf, isApartOf } from '../state/apart.ts'
import { cut, duration, formatNumber, join, share } from '../state/format.ts'
import type { Figures, Page } from '../state/page.ts'
import { texts } from '../texts.ts'
import { FactList } from './facts.tsx'
import { InstanceFacts } from './instances.tsx'
import { HealthDot } from './marks.tsx'
import { Name } from './name.tsx'
import { Neighbours } from './neighbours.tsx'
import styles from './panel.module.css'
import { Panel, PanelError, Waiting } from './panel.tsx'
import { usePage, useView } from './use-desk.ts'

/** One container or process of a service: what it does now, with whom, and all that is known of it. */
export function InstancePanel({ id }: { id: string }) {
  const { reveal } = useView()
  const map = usePage(page => page.picture?.map)
  const apart = usePage(apartHere)
  const service = usePage(page => page.topology?.services.find(each => each.id === apart?.service))
  const instance = apart?.instances.find(each => each.id === instanceOf(id))
  const index = map?.topology.serviceIndex.get(id)
  if (!instance || !service || !map || index === undefined) {
    return (
      <Panel label={texts.kind.instance} title={<span>{texts.kind.instance}</span>} sub="">
        {apart ? <PanelError error={texts.instance.gone} /> : <Waiting />}
      </Panel>
    )
  }
  const title = (
    <>
      <HealthDot health={map.topology.services[index].health} />
      <Name text={instance.name} />
    </>
  )
  const sub = (
    <>
      {texts.instance.of}{' '}
      <button
        type="button"
        className={styles.inText}
        onClick={() => reveal({ kind: 'service', id: service.id })}
      >
        <bdi>{cut(service.name)}</bdi>
      </button>
      {' · '}
      {texts.state[instance.state]}
    </>
  )
  return (
    <Panel label={cut(instance.name)} title={title} sub={sub}>
      <Doing map={map} index={index} />
      <Neighbours map={map} id={id} />
      <h3 className={styles.section}>{texts.kind.instance}</h3>
      <InstanceFacts instance={instance} />
    </Panel>
  )
}

const apartHere = ({ apart, view }: Page) => (isApartOf(apart, view.at) ? apart : undefined)

/** What it answers and asks now. */
function Doing({ map, index }: { map: Figures; index: number }) {
  const { services } = map
  const errorShare = services.errorShare[index]
  const rate = (perSecond: number) => `${formatNumber(perSecond)}${texts.kpi.perSecond}`
  return (
    <FactList
      facts={[
        { name: texts.service.requests, value: rate(services.requests[index]) },
        {
          name: texts.service.errors,
          value: join(share(errorShare)),
          isTrouble: errorShare > 0,
        },
        { name: texts.service.p99, value: join(duration(services.p99Us[index])) },
        { name: texts.service.calls, value: rate(services.calls[index]) },
      ]}
    />
  )
}
