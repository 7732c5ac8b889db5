import { linkOfFlow } from '../state/apart.ts'
import { bytes, cut, duration, formatNumber, join, share } from '../state/format.ts'
import { texts } from '../texts.ts'
import { FactList } from './facts.tsx'
import styles from './panel.module.css'
import { Panel, PanelError } from './panel.tsx'
import { usePage, useView } from './use-desk.ts'

/** What one instance and somebody else say to each other on a link: now, and where the whole of it is. */
export function FlowPanel({ id }: { id: string }) {
  const { reveal } = useView()
  const map = usePage(page => page.picture?.map)
  const link = linkOfFlow(id) ?? id
  const index = map?.topology.linkIndex.get(id)
  const whole = (
    <button
      type="button"
      className={styles.inText}
      onClick={() => reveal({ kind: 'link', id: link })}
    >
      {texts.instance.wholeLink}
    </button>
  )
  if (!map || index === undefined) {
    return (
      <Panel label={texts.link.gone} title={<span>{texts.instance.silent}</span>} sub={whole}>
        <PanelError error={texts.instance.noFlow} />
      </Panel>
    )
  }
  const { topology, links } = map
  const { client, server, protocol } = topology.links[index]
  const name = cut(`${topology.services[client].name} → ${topology.services[server].name}`)
  const [errors, warnings] = [links.errorShare[index], links.warningShare[index]]
  const time = (us: number) => join(duration(us))
  return (
    <Panel
      label={name}
      title={<bdi title={name}>{name}</bdi>}
      sub={
        <>
          {protocol} · {whole}
        </>
      }
    >
      <FactList
        facts={[
          {
            name: texts.kpi.requests,
            value: `${formatNumber(links.requests[index])}${texts.kpi.perSecond}`,
          },
          { name: texts.service.errors, value: join(share(errors)), isTrouble: errors > 0 },
          { name: texts.table.warnings, value: join(share(warnings)) },
          { name: texts.link.p50, value: time(links.p50Us[index]) },
          { name: texts.link.p99, value: time(links.p99Us[index]) },
          { name: texts.link.bytes, value: `${join(bytes(links.bytes[index]))}/s` },
        ]}
      />
      <p className={styles.lead}>{texts.instance.now}</p>
    </Panel>
  )
}
