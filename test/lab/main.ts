#!/usr/bin/env node
// The lab by hand: a Docker engine and the voting shop, until Ctrl-C. Takes everything away when it ends.
import { parseArgs } from 'node:util'
import { sleep } from './command.ts'
import { startEngine } from './engine.ts'
import { startShop } from './shop.ts'
import { format } from './truth.ts'

const usage = `Usage: node test/lab/main.ts [options]
Starts a Docker engine and a voting shop with visitors, and takes both away at Ctrl-C or after --minutes.
  --minutes N   how long (default 10)
  --rate N      requests a second (default 20)
  --no-proxy    publish ports without docker-proxy
  --apart       on a machine of its own, made of namespaces
  --truth       print what really happened, every 10 seconds
`

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '20' },
    'no-proxy': { type: 'boolean', default: false },
    apart: { type: 'boolean', default: false },
    truth: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(usage)
} else {
  await main().catch(error => {
    console.error(error.message)
    process.exitCode = 1
  })
}

async function main(): Promise<void> {
  const seconds = Number(values.minutes) * 60
  const engine = await startEngine({ userlandProxy: !values['no-proxy'], apart: values.apart })
  console.log(`Docker engine is up: export DOCKER_HOST=${engine.host}`)
  if (engine.namespace) console.log(`It runs apart: ${engine.inside('COMMAND').join(' ')}`)
  const shop = await startShop(engine, { ratePerSecond: Number(values.rate), seconds, blog: true })
  console.log(`The shop is open: vote at ${shop.voteUrl}, results at ${shop.resultUrl}`)
  console.log(
    `Visitors come for ${values.minutes} minutes; Ctrl-C ends it all. Half of the votes fail after:`,
  )
  console.log(`  curl -X POST '${shop.voteUrl}admin/errors?rate=0.5'`)
  for (const endMs = Date.now() + seconds * 1000; Date.now() < endMs; ) {
    await sleep(Math.min(10_000, Math.max(0, endMs - Date.now())))
    if (values.truth) console.log(`\n${shop.truth().links.map(format).join('\n')}`)
  }
  engine.stop()
}
