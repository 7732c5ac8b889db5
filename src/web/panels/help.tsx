import { useEffect, useRef } from 'react'
import { texts } from '../texts.ts'
import styles from './help.module.css'
import { usePage, useSurroundings } from './use-desk.ts'

/** The keys, and what the signs on the map mean. */
export function Help() {
  const isOpen = usePage(page => page.helpOpen)
  const { store } = useSurroundings().desk
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  const close = () => store.set(page => ({ ...page, helpOpen: false }))
  return (
    <dialog ref={dialog} className={styles.help} onClose={close} closedby="any">
      <h2>{texts.help.title}</h2>
      <dl>
        {texts.help.keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      {texts.help.signs.map(sign => (
        <p key={sign}>{sign}</p>
      ))}
      <button type="button" onClick={close}>
        {texts.close}
      </button>
    </dialog>
  )
}
