import { useCallback } from 'react'
import type { TopResource } from '#model/resources.ts'
import type { ResourcesAnswer } from '../state/api.ts'
import { cut, duration, formatNumber, join } from '../state/format.ts'
import { textMax } from '../state/view.ts'
import { texts } from '../texts.ts'
import panel from './panel.module.css'
import { PanelError, Waiting } from './panel.tsx'
import styles from './resources.module.css'
import { type Asked, useAnswer, usePage, useSurroundings, useView } from './use-desk.ts'

/** Resources are asked for this often: they are of minutes. */
const askEveryMs = 10_000

/** What is asked for on a link. */
export function useResources(id: string): Asked<ResourcesAnswer> {
  const { api } = useSurroundings().desk
  const ask = useCallback((key: string, signal: AbortSignal) => api.resources(key, signal), [api])
  return useAnswer(id, ask, askEveryMs)
}

/** What is asked for most; a click shows those requests alone in the access log. */
export function Resources({ asked, most }: { asked: Asked<ResourcesAnswer>; most?: number }) {
  const { value } = asked
  return (
    <>
      <h3 className={panel.section}>
        {texts.link.resources}
        <span style={{ marginLeft: 'auto' }}>{texts.link.p50}</span>
        <span>{texts.link.failed}</span>
      </h3>
      {value ? <Rows answer={value} most={most} /> : !asked.error && <Waiting />}
      <PanelError {...asked} />
    </>
  )
}

function Rows({ answer, most }: { answer: ResourcesAnswer; most: number | undefined }) {
  const { resources, sampled, total, windowMs } = answer
  const { change } = useView()
  const shown = resources.slice(0, most)
  if (resources.length === 0) return <p className={panel.none}>{texts.link.noResources}</p>
  return (
    <>
      <ul className={panel.rows}>
        {shown.map(resource => (
          <ResourceRow
            key={`${resource.method} ${resource.resource}`}
            resource={resource}
            part={resource.count / Math.max(1, resources[0].count)}
          />
        ))}
      </ul>
      {shown.length < resources.length && (
        <button type="button" className={panel.more} onClick={() => change({ tab: 'resources' })}>
          {texts.panel.all(resources.length)}
        </button>
      )}
      {most === undefined && (
        <p className={`${panel.none} ${styles.note}`}>
          {texts.link.ofSampled(sampled, total, Math.round(windowMs / 60_000))}
        </p>
      )}
    </>
  )
}

function ResourceRow({ resource: row, part }: { resource: TopResource; part: number }) {
  const { change } = useView()
  // Of a very long one the log is asked for its beginning.
  const wanted = (row.resource || row.method).slice(0, textMax)
  const isChosen = usePage(page => page.view.text === wanted)
  const { count, errors, warnings, p50Us } = row
  const tone = errors > 0 ? 'error' : undefined
  return (
    <li>
      <button
        type="button"
        className={panel.row}
        aria-pressed={isChosen}
        title={texts.link.onlyThese(count, warnings, cut(row.resource))}
        onClick={() => change({ text: isChosen ? '' : wanted, trace: '' })}
      >
        <span className={panel.fill} data-tone={tone} style={{ width: `${100 * part}%` }} />
        <span className={`${panel.rowName} ${styles.name}`}>
          <b>{cut(row.method, 20)}</b> <bdi>{cut(row.resource)}</bdi>
        </span>
        <span className={panel.cell}>{p50Us === null ? '–' : join(duration(p50Us))}</span>
        <span className={panel.cell} data-tone={tone ?? 'none'}>
          {formatNumber(errors)}
        </span>
      </button>
    </li>
  )
}
