import type { Theme } from '../state/view.ts'
import { useMedia, usePage } from './use-desk.ts'

/** The colours in use: as chosen, else as the system has it. */
export function useTheme(): Theme {
  const isLight = useMedia('(prefers-color-scheme: light)')
  return usePage(page => page.view.theme) ?? (isLight ? 'light' : 'dark')
}
