import { cut } from '../state/format.ts'

/** A name from the cluster: bounded, and never turning the text around it, whichever way it is written. */
export function Name({ text, className }: { text: string; className?: string }) {
  const shown = cut(text)
  return (
    <bdi className={className} title={shown}>
      {shown}
    </bdi>
  )
}
