import type { Page } from 'playwright-core'

/** What sticks out of the window, or of what should hold it. */
export const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isClipped = (element: Element) => {
      for (let above = element.parentElement; above; above = above.parentElement)
        if (getComputedStyle(above).overflowX !== 'visible') return true
      return false
    }
    const parts = [...document.querySelectorAll('header *, main *, aside, aside *, section *')]
    const out = parts.filter(part => {
      const { left, right, width } = part.getBoundingClientRect()
      return width > 1 && (right > innerWidth + 1 || left < -1) && !isClipped(part)
    })
    const wide = document.documentElement.scrollWidth > innerWidth ? ['the page'] : []
    const tall = [...document.querySelectorAll('header, footer, [role=row]')].filter(
      part => part.getBoundingClientRect().height > 120,
    )
    const named = (part: Element) => `${part.tagName} ${part.outerHTML.slice(0, 120)}`
    return [...wide, ...out.map(named), ...tall.map(named)].slice(0, 5)
  })
