import type { Instance, Usage } from '#model/service.ts'
import { age, bytes, cut, join } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './instances.module.css'
import { HealthDot } from './marks.tsx'
import { Name } from './name.tsx'
import panel from './panel.module.css'
import { usePage, useView } from './use-desk.ts'

/** Instances that are listed. */
const instancesMax = 100

/** The containers and processes of a service; each opens to what its orchestrator knows of it. */
export function Instances({ instances }: { instances: readonly Instance[] }) {
  return (
    <>
      {instances.length === 0 && <p className={panel.none}>{texts.service.noInstances}</p>}
      {instances.slice(0, instancesMax).map(instance => (
        <InstanceRow key={instance.id} instance={instance} />
      ))}
      {instances.length > 0 && instances.every(({ usage }) => usage === undefined) && (
        <p className={`${panel.none} ${styles.note}`}>{texts.service.unmeasured}</p>
      )}
      {instances.length > instancesMax && (
        <p className={panel.none}>{texts.place.more(instances.length - instancesMax)}</p>
      )}
    </>
  )
}

function InstanceRow({ instance }: { instance: Instance }) {
  const { name, state, health, restarts, sinceMs, image, node = '', usage } = instance
  const nowMs = usePage(page => page.nowMs)
  const life = state === 'running' ? texts.service.since(age(nowMs - sinceMs)) : texts.state[state]
  const condition = [texts.health[health], restarts > 0 ? texts.service.restarts(restarts) : '']
  return (
    <details className={styles.instance} data-trouble={health === 'unhealthy'}>
      <summary>
        <HealthDot health={state === 'running' ? health : 'starting'} />
        <Name className={styles.name} text={name} />
        <span className={styles.fact}>{life}</span>
        <Name className={styles.image} text={image ?? ''} />
        <span className={styles.fact}>{condition.filter(Boolean).join(' · ')}</span>
        <Name className={styles.host} text={node} />
        <span className={styles.fact}>{usage && shortUsage(usage)}</span>
      </summary>
      <InstanceFacts instance={instance} />
    </details>
  )
}

/** All that is known of an instance beside what its row says. */
export function InstanceFacts({ instance }: { instance: Instance }) {
  const { addresses, published, mounts, labels, pid, id, node, usage, environment } = instance
  const known = Object.entries(labels)
  return (
    <dl className={styles.facts}>
      {node !== undefined && <Host node={node} />}
      <Fact name={texts.service.usage} values={usage === undefined ? [] : usageOf(usage)} />
      <Fact
        name={texts.service.addresses}
        values={addresses.map(({ ip, networkName, network }) => `${ip}  ${networkName ?? network}`)}
      />
      <Fact
        name={texts.service.published}
        values={published.map(
          ({ ip, port, targetPort, transport }) => `${ip}:${port} → ${targetPort}/${transport}`,
        )}
      />
      <Fact
        name={texts.service.mounts}
        values={mounts.map(
          ({ source, target, writable }) =>
            `${source} → ${target}${writable ? '' : ` (${texts.service.readOnly})`}`,
        )}
      />
      <Fact name={texts.service.labels} values={known.map(([key, value]) => `${key}=${value}`)} />
      <Fact name={texts.service.environment} values={environment ?? []} />
      <Fact name={texts.service.pid} values={pid === undefined ? [] : [String(pid)]} />
      <Fact name={texts.service.id} values={[id]} />
    </dl>
  )
}

/** The machine it runs on: a way there. */
function Host({ node }: { node: string }) {
  const { select } = useView()
  return (
    <>
      <dt>{texts.service.node}</dt>
      <dd>
        <button type="button" onClick={() => select({ kind: 'node', id: node })}>
          <Name text={node} />
        </button>
      </dd>
    </>
  )
}

const shortUsage = ({ cpus, memoryBytes }: Usage): string =>
  [
    cpus === undefined ? '' : `${cpus.toPrecision(2)} ${texts.node.cpu}`,
    memoryBytes === undefined ? '' : join(bytes(memoryBytes)),
  ]
    .filter(Boolean)
    .join(' · ')

/** What it takes, of how much it may. */
function usageOf({ cpus, cpusMax, memoryBytes, memoryBytesMax }: Usage): string[] {
  const cores = (count: number) => count.toPrecision(2)
  const size = (count: number) => join(bytes(count))
  const told = [
    cpus === undefined ? '' : texts.service.cores(cores(cpus), cpusMax && cores(cpusMax)),
    memoryBytes === undefined
      ? ''
      : texts.service.memory(size(memoryBytes), memoryBytesMax && size(memoryBytesMax)),
  ]
  return told.filter(text => text !== '')
}

/** Values of one fact that are shown. */
const valuesMax = 60
/** Characters of a value that are shown. */
const valueMax = 1000

function Fact({ name, values }: { name: string; values: readonly string[] }) {
  if (values.length === 0) return null
  return (
    <>
      <dt>{name}</dt>
      {values.slice(0, valuesMax).map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the values may repeat and have no identity
        <dd key={i}>
          <bdi>{cut(value, valueMax)}</bdi>
        </dd>
      ))}
      {values.length > valuesMax && <dd>{texts.place.more(values.length - valuesMax)}</dd>}
    </>
  )
}
