import { crumbsOf } from '../state/level.ts'
import { texts } from '../texts.ts'
import styles from './breadcrumb.module.css'
import { usePage, useView } from './use-desk.ts'

/** Where one is, from the outermost place inward; nothing where there is nowhere to go back to. */
export function Breadcrumb() {
  const at = usePage(page => page.view.at)
  const topology = usePage(page => page.topology)
  const { goTo } = useView()
  if (at === '' || !topology) return null
  const crumbs = [{ at: '', name: texts.place.everything }, ...crumbsOf(topology, at)]
  return (
    <nav className={styles.path} aria-label={texts.place.label}>
      <ol>
        {crumbs.map(({ at: path, name }) => (
          <li key={path}>
            <button
              type="button"
              aria-current={path === at ? 'location' : undefined}
              onClick={() => goTo(path)}
            >
              {name}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
