/** Names of variables that are told; those beyond are left out. */
const namesMax = 128
const nameCharsMax = 128

/** The names in `["NAME=value", ...]`, in order. Values are never kept; what has no name before a `=` may be one. */
export function environmentIn(lines: unknown): readonly string[] {
  if (!Array.isArray(lines)) return []
  return bounded(
    lines.map(line =>
      typeof line === 'string' ? line.slice(0, Math.max(0, line.indexOf('='))) : '',
    ),
  )
}

/** The names of `{"NAME": "value", ...}`. */
export function environmentOf(variables: Readonly<Record<string, unknown>>): readonly string[] {
  return bounded(Object.keys(variables))
}

/** The names of `[{"name": "NAME", ...}, ...]`. */
export function environmentNamed(variables: readonly { readonly name: string }[]) {
  return bounded(variables.map(({ name }) => name))
}

/** What an instance tells of it: nothing where there is none. */
export function toldEnvironment(names: readonly string[]): { environment?: readonly string[] } {
  return names.length === 0 ? {} : { environment: names }
}

function bounded(names: readonly string[]): readonly string[] {
  const some = names.filter(name => name !== '' && name.length <= nameCharsMax)
  return [...new Set(some)].sort().slice(0, namesMax)
}
