import { writeSync } from 'node:fs'
import type { Command } from 'commander'
import { Fault } from '#lib/fault.ts'
import type { ReadOptions } from './share.ts'

export function addRead(program: Command): void {
  program
    .command('read')
    .description('Decodes capture files (pcap, pcapng, gzip) and prints one transaction a line.')
    .argument('<file...>', 'capture files, in order of their time; - is standard input')
    .option('--json', 'one JSON object a line')
    .option('--flows', 'print flows instead of transactions')
    .option('--raw', 'keep literals and values; by default they are replaced')
    .option('--stats', 'end with packets, bytes, seconds, transactions per protocol, gaps')
    .action(async (files: readonly string[], options: ReadOptions) => {
      const { readCaptures } = await import('./run.ts')
      await readCaptures(files, options, { print, warn })
    })
}

/** Synchronous, so that output that nobody reads holds the reading back instead of filling the memory. */
function print(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += write(bytes, at)
}

function write(bytes: Uint8Array, at: number): number {
  try {
    return writeSync(1, bytes, at)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    if (code === 'EPIPE') process.exit(0)
    throw new Fault(`Cannot write the output: ${message}.`)
  }
}

function warn(text: string): void {
  process.stderr.write(`inkling: ${text}\n`)
}
