import { format } from '#model/endpoint.ts'
import type { LogLine } from '#model/graph.ts'

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * A shell command that asks the same again, or undefined when the line is no request for a path. Both the method and
 * the path come from the network, so the method is one of a few words and the path is quoted for a POSIX shell.
 */
export function curlOf({ method, resource, server }: LogLine): string | undefined {
  if (!methods.has(method) || !resource.startsWith('/')) return undefined
  const url = `http://${format(server)}${printable(resource)}`
  const verb = method === 'GET' ? '' : method === 'HEAD' ? '-I ' : `-X ${method} `
  return `curl -sS --globoff ${verb}${quote(url)}`
}

/** Control characters and blanks as %XX: a line break pasted into a terminal would run what follows. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not get through
  return text.replace(/[\u0000-\u0020\u007f-\u009f]/g, character => encodeURIComponent(character))
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
