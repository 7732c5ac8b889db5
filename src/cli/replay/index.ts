import type { Command } from 'commander'
import { listenDefault, parseFactor, parseListen } from '../options.ts'
import type { ReplayOptions } from './run.ts'

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('The live map, fed by capture files.')
    .argument('<file...>', 'capture files (pcap, pcapng, gzip), played one after the other')
    .option('--speed <factor>', 'how much faster than it happened', parseFactor, 1)
    .option('--listen <address:port>', 'where to listen', parseListen, parseListen(listenDefault))
    .option('--view-token <token>', 'what viewers must show (default: $INKLING_VIEW_TOKEN)')
    .action(async (files: readonly string[], options: ReplayOptions) => {
      const { runReplay } = await import('./run.ts')
      await runReplay(files, options)
    })
}
