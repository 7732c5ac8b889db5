import { texts } from '../texts.ts'
import styles from './arranging.module.css'
import { ToolButton } from './tool-button.tsx'
import { usePage, useSurroundings } from './use-desk.ts'

/** Lays out the place anew. */
export function TidyButton() {
  const { drawing } = useSurroundings()
  return (
    <ToolButton hint={texts.arranging.tidy} act={() => drawing.current?.tidy()}>
      <circle cx="2.200" cy="6" r="1.700" />
      <circle cx="9.600" cy="2.400" r="1.700" />
      <circle cx="9.600" cy="9.600" r="1.700" />
      <path d="M3.800 5.200 8 3.200M3.800 6.800 8 8.800" />
    </ToolButton>
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
