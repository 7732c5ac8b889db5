import { basename } from 'node:path'

/** What the kernel tells of a process. */
export interface ProcessText {
  /** `/proc/<pid>/comm`: 15 characters, may be a thread's. */
  readonly comm: string
  /** Target of `/proc/<pid>/exe`; undefined where we may not look. */
  readonly executable: string | undefined
  readonly command: readonly string[]
}

/** Long enough for a script's name, short enough for the map. */
const nameCharsMax = 64

const interpreters =
  /^(python[\d.]*|pypy[\d.]*|node|nodejs|bun|deno|ruby[\d.]*|perl[\d.]*|php[\d.]*|java|(ba|da|z|a)?sh|pwsh|dotnet|lua[\d.]*)$/

/**
 * What people call a process: its executable, or, where that only interprets, the script: `python3 -m http.server` is
 * `http.server`, `node dist/app.js` is `app.js`, `java -jar shop.jar` is `shop.jar`. Bounded; never an argument beyond
 * the script, since arguments hold secrets.
 */
export function processName({ comm, executable, command }: ProcessText): string {
  const file = basename((executable ?? '').replace(/ \(deleted\)$/, ''))
  const program = file || basename(command[0] ?? '') || threadName(comm)
  const name = interpreters.test(program)
    ? (scriptOf(program, command.slice(1)) ?? program)
    : program === 'busybox'
      ? appletOf(command, program)
      : program
  return clean(name) || 'unnamed'
}

/** The name of a process that is gone: all that is left is its `comm`. Node calls its main thread `MainThread`. */
export function threadName(comm: string): string {
  const name = clean(comm)
  return name === 'MainThread' ? 'node' : name
}

const javaClass = /^[\w$]+(\.[\w$]+)*$/

function scriptOf(interpreter: string, words: readonly string[]): string | undefined {
  const java = interpreter === 'java'
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (word === '-m' || word === '-jar') return basename(words[i + 1] ?? '') || undefined
    // Code on the command line has no name of its own.
    if (/^(-c|-e|-p|--eval|--print|-r)$/.test(word) && !java) return undefined
    if (takesValue(interpreter, word)) i++
    else if (!word.startsWith('-') && word !== 'run') {
      return java ? javaClass.exec(word)?.[0].split('.').at(-1) : basename(word)
    }
  }
  return undefined
}

function takesValue(interpreter: string, word: string): boolean {
  if (interpreter === 'java')
    return /^(-cp|-classpath|--class-path|-p|--module-path|--add-\w+)$/.test(word)
  return /^(--require|--import|--loader|-W|-X|-I|--env-file)$/.test(word)
}

/** One executable with many names: `busybox nc ...`, or called by a link's name. */
function appletOf(command: readonly string[], program: string): string {
  const called = basename(command[0] ?? '')
  if (called !== '' && called !== program) return called
  return command[1] !== undefined && /^[a-z][\w.-]*$/.test(command[1]) ? command[1] : program
}

function clean(name: string): string {
  return name
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, nameCharsMax)
}
