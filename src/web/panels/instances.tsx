import type { Instance, Usage } from '#model/service.ts'
import { age, bytes, join } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './instances.module.css'
import { HealthDot } from './marks.tsx'
import panel from './panel.module.css'
import { usePage } from './use-desk.ts'

/** Instances that are listed. */
const instancesMax = 100

/** The containers and processes of a service; each opens to what its orchestrator knows of it. */
export function Instances({ instances }: { instances: readonly Instance[] }) {
  return (
    <>
      <h3 className={panel.section}>
        {texts.service.instances} {instances.length}
      </h3>
      {instances.length === 0 && <p className={panel.none}>{texts.service.noInstances}</p>}
      {instances.slice(0, instancesMax).map(instance => (
        <InstanceRow key={instance.id} instance={instance} />
      ))}
    </>
  )
}

function InstanceRow({ instance }: { instance: Instance }) {
  const { name, state, health, restarts, sinceMs, image } = instance
  const nowMs = usePage(page => page.nowMs)
  const life = state === 'running' ? texts.service.since(age(nowMs - sinceMs)) : texts.state[state]
  const condition = [texts.health[health], restarts > 0 ? texts.service.restarts(restarts) : '']
  return (
    <details className={styles.instance} data-trouble={health === 'unhealthy'}>
      <summary>
        <HealthDot health={state === 'running' ? health : 'starting'} />
        <span className={styles.name} title={name}>
          {name}
        </span>
        <span className={styles.fact}>{life}</span>
        <span className={styles.image} title={image}>
          {image}
        </span>
        <span className={styles.fact}>{condition.filter(Boolean).join(' · ')}</span>
      </summary>
      <Facts instance={instance} />
    </details>
  )
}

function Facts({ instance }: { instance: Instance }) {
  const { addresses, published, mounts, labels, pid, id, node, usage } = instance
  const known = Object.entries(labels)
  return (
    <dl>
      <Fact name={texts.service.node} values={node === undefined ? [] : [node]} />
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
      <Fact name={texts.service.pid} values={pid === undefined ? [] : [String(pid)]} />
      <Fact name={texts.service.id} values={[id]} />
    </dl>
  )
}

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

function Fact({ name, values }: { name: string; values: readonly string[] }) {
  if (values.length === 0) return null
  return (
    <>
      <dt>{name}</dt>
      {values.map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the values may repeat and have no identity
        <dd key={i}>{value}</dd>
      ))}
    </>
  )
}
