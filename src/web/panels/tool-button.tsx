import type { Page } from '../state/page.ts'
import styles from './tool-button.module.css'
import { useSurroundings } from './use-desk.ts'

export interface ToolButtonProps {
  /** What it does, its key in brackets. */
  readonly hint: string
  readonly isOn?: boolean
  act(): void
  /** The drawing of its sign. */
  readonly children: React.ReactNode
}

/** A small button of the legend. */
export function ToolButton({ hint, isOn, act, children }: ToolButtonProps) {
  return (
    <button
      type="button"
      className={styles.tool}
      aria-pressed={isOn}
      aria-label={hint}
      title={hint}
      onClick={act}
    >
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {children}
      </svg>
    </button>
  )
}

/** What a press does to the page's value. */
export function usePress(change: (page: Page) => Page): () => void {
  const { store } = useSurroundings().desk
  return () => store.set(change)
}
