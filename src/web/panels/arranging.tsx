import { texts } from '../texts.ts'
import styles from './arranging.module.css'
import { usePage, useSurroundings } from './use-desk.ts'

/** Lays out the place anew. */
export function TidyButton() {
  const { drawing } = useSurroundings()
  return (
    <button
      type="button"
      className={styles.tidy}
      aria-label={texts.arranging.tidy}
      title={texts.arranging.tidy}
      onClick={() => drawing.current?.tidy()}
    >
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <circle cx="2.2" cy="6" r="1.7" />
        <circle cx="9.6" cy="2.4" r="1.7" />
        <circle cx="9.6" cy="9.6" r="1.7" />
        <path d="M3.8 5.2 8 3.2M3.8 6.8 8 8.8" />
      </svg>
    </button>
  )
}

/** What was just done to the places of the map, and the way back. */
export function ArrangingNotice({ right, bottom }: { right: number; bottom: number }) {
  const { drawing } = useSurroundings()
  const told = usePage(page => page.told)
  const canUndo = usePage(page => page.deeds.length > 0)
  return (
    <div className={styles.seat} style={{ right, bottom: bottom + 64 }} role="status">
      {told && (
        <p className={styles.notice} data-kind={told.kind}>
          {texts.arranging[told.kind](told.name ?? '')}
          {canUndo && (
            <button
              type="button"
              title={texts.arranging.undoHint}
              onClick={() => drawing.current?.undo()}
            >
              {told.kind === 'undone' ? texts.arranging.undoMore : texts.arranging.undo}
            </button>
          )}
        </p>
      )}
    </div>
  )
}
