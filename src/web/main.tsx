import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './tokens.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { decodeFrame, type LiveMessage } from '#wire/live.ts'
import type { FlowMap } from './draw/flow-map.ts'
import { App } from './panels/app.tsx'
import type { Drawing } from './panels/drawing.ts'
import { type Surroundings, SurroundingsContext } from './panels/use-desk.ts'
import { followAddress, readAddress } from './state/address.ts'
import { createApi } from './state/api.ts'
import { openDesk } from './state/desk.ts'

/** Messages come from our own server; what is no JSON is left out, and the next one comes within a second. */
function decodeText(text: string): LiveMessage | undefined {
  try {
    return JSON.parse(text) as LiveMessage
  } catch {
    return undefined
  }
}

const base = new URL('api/v1/', location.href)
const live = new URL('live', base)
live.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'

const desk = openDesk({
  url: live.href,
  wire: { decodeText, decodeFrame },
  api: createApi(base.href, fetch.bind(globalThis)),
  view: readAddress(),
})
followAddress(desk.store)

/** Names on the map are painted, not set: what is painted before its font has come must be painted again. */
const patienceForFontMs = 1000
await Promise.race([
  document.fonts.load('13px "Inter Variable"').catch(() => undefined),
  new Promise(resolve => setTimeout(resolve, patienceForFontMs)),
])

const map: { current: FlowMap | undefined } = { current: undefined }
const drawing: { current: Drawing | undefined } = { current: undefined }
const surroundings: Surroundings = { desk, map, drawing }

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SurroundingsContext value={surroundings}>
      <App />
    </SurroundingsContext>
  </StrictMode>,
)
