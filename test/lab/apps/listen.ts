// Listens on PORTS and answers nobody: a port that is held while its packets are led elsewhere.
import { createServer } from 'node:net'
import { setting } from './truth-log.ts'

process.title = setting('TITLE')
for (const port of setting('PORTS').split(' ')) createServer().listen(Number(port), '::')
