// Run once after installing: compiles what the agent and the server load and leaves the code for `bin/inkling`, so that
// even the first start is quick and small. Nothing depends on it.
import { flushCompileCache } from 'node:module'
import './agent.ts'
import './server.ts'
import './pipeline.ts'
import '#capture/af-packet/index.ts'
import '#windows/windows.ts'
import '#cli/index.ts'
import '#cli/read/here.ts'
import '#cli/read/run.ts'
import '#cli/replay/run.ts'

flushCompileCache()
