import { useState } from 'react'
import { format } from '#model/endpoint.ts'
import type { LogEnd, LogLine } from '#model/graph.ts'
import { silence } from '#model/transaction.ts'
import { curlOf } from '../state/curl.ts'
import { bytes, duration, join, timestamp } from '../state/format.ts'
import { texts } from '../texts.ts'
import styles from './line-details.module.css'
import { OutcomeMark } from './marks.tsx'

interface LineDetailsProps {
  readonly line: LogLine
  readonly onClose: () => void
  readonly onTrace: (id: string) => void
}

/** One request in full. */
export function LineDetails({ line, onClose, onTrace }: LineDetailsProps) {
  const curl = curlOf(line)
  return (
    <aside className={styles.details} aria-label={texts.log.details}>
      <h3>
        <OutcomeMark outcome={line.outcome} />
        <span>
          {line.method} {line.status ?? texts.log.silence[silence(line)]}
        </span>
        <button type="button" aria-label={texts.close} onClick={onClose}>
          ×
        </button>
      </h3>
      <p className={styles.resource}>{line.resource}</p>
      {curl && <CopyButton text={curl} name={texts.log.curl} />}
      <dl>
        <dt>{texts.log.started}</dt>
        <dd>{timestamp(line.startUs)}</dd>
        <dt>{texts.log.duration}</dt>
        <dd>{join(duration(line.durationUs))}</dd>
        <dt>{texts.log.request}</dt>
        <dd>{join(bytes(line.requestBytes))}</dd>
        <dt>{texts.log.response}</dt>
        <dd>{join(bytes(line.responseBytes))}</dd>
        <dt>{texts.log.from}</dt>
        <dd>{endText(line.client)}</dd>
        <dt>{texts.log.to}</dt>
        <dd>{endText(line.server)}</dd>
        {line.traceId && <Trace id={line.traceId} onTrace={onTrace} />}
      </dl>
      {line.gap && <p className={styles.gap}>{texts.log.gap}</p>}
    </aside>
  )
}

const endText = (end: LogEnd) => [end.instance, format(end)].filter(Boolean).join('  ')

/** The trace that the request is part of: leads to all its lines. */
function Trace({ id, onTrace }: { id: string; onTrace: (id: string) => void }) {
  const { trace, traceLines, copyTrace } = texts.log
  return (
    <>
      <dt>{trace}</dt>
      <dd>
        <button
          type="button"
          className={styles.trace}
          title={traceLines}
          onClick={() => onTrace(id)}
        >
          {id}
        </button>
        <CopyButton text={id} name={texts.copy} label={copyTrace} />
      </dd>
    </>
  )
}

interface CopyButtonProps {
  readonly text: string
  readonly name: string
  /** What it is called where its name alone does not say. */
  readonly label?: string
}

function CopyButton({ text, name, label }: CopyButtonProps) {
  const [copied, setCopied] = useState('')
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(text)
  }
  return (
    <button
      type="button"
      className={styles.copy}
      title={label ?? text}
      aria-label={copied === text ? undefined : label}
      onClick={copy}
    >
      {copied === text ? texts.copied : name}
    </button>
  )
}
