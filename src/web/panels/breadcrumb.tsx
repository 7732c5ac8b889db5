import { pathsTo } from '../state/level.ts'
import { texts } from '../texts.ts'
import styles from './breadcrumb.module.css'
import { usePage, useView } from './use-desk.ts'

/** Where one is, from the outermost place inward; nothing where there is nowhere to go back to. */
export function Breadcrumb() {
  const at = usePage(page => page.view.at)
  const { goTo } = useView()
  if (at === '') return null
  return (
    <nav className={styles.path} aria-label={texts.place.label}>
      <ol>
        {['', ...pathsTo(at)].map(path => (
          <li key={path}>
            <button
              type="button"
              aria-current={path === at ? 'location' : undefined}
              onClick={() => goTo(path)}
            >
              {path === '' ? texts.place.everything : path.split('/').at(-1)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
