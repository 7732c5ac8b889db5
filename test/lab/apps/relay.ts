// Hands on what comes in on PORT to a Unix socket: a server that runs elsewhere is reached here.
import { connect, createServer } from 'node:net'
import { setting } from './truth-log.ts'

process.title = setting('TITLE')
const path = setting('SOCKET')
const server = createServer(caller => {
  const called = connect(path)
  for (const [one, other] of [
    [caller, called],
    [called, caller],
  ]) {
    one.pipe(other)
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
})
server.listen(Number(setting('PORT')), '0.0.0.0')
