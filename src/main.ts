import { Command, CommanderError } from 'commander'
import { commands } from '#cli/index.ts'
import { readSecrets } from '#cli/secrets.ts'
import { Fault } from '#lib/fault.ts'
import { version } from './version.ts'

/** Parses the command line and runs one command. A fault of the operator is one sentence and exit code 2. */
async function main(): Promise<void> {
  const program = new Command('inkling')
    .description('A live, moving map of what a container cluster is really doing.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'inkling: ')) })
  for (const add of commands) add(program)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  try {
    readSecrets(process.env)
    await program.parseAsync()
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (!(error instanceof Fault)) throw error
  process.stderr.write(`inkling: ${error.message}\n`)
  return 2
}

/** A reader that went away (`inkling read ... | head`) ends the command without a word. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`inkling: cannot write its output: ${error.message}.\n`)
  process.exit(2)
})

await main()
