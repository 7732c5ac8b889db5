/** Rows as comma-separated text (RFC 4180), line ends LF. */
export function formatCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map(row => row.map(cell).join(',')).join('\n')
}

/** Names come from the network: one that a spreadsheet would take for a formula gets a quote before it. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
