/** Up and down lead from row to row, Enter does what a row is for. */
export function pressRow(event: React.KeyboardEvent<HTMLElement>, open: () => void): void {
  const { key, currentTarget } = event
  if (key === 'Enter') open()
  else if (key === 'ArrowDown') focus(currentTarget.nextElementSibling)
  else if (key === 'ArrowUp') focus(currentTarget.previousElementSibling)
  else return
  event.preventDefault()
}

function focus(row: Element | null): void {
  if (row instanceof HTMLElement) row.focus()
}
