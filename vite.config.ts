import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type UserConfig } from 'vite'
import { demo } from './src/web/dev/demo.ts'
import { encodeFrame } from './src/wire/live.ts'

/** A running server to develop the page against; without it the page shows an invented cluster. */
const server = process.env.INKLING_SERVER

const config: UserConfig = defineConfig({
  root: fileURLToPath(new URL('src/web', import.meta.url)),
  // Relative addresses: the page works under any path of a proxy.
  base: './',
  publicDir: false,
  plugins: [react(), server ? [] : demo({ encodeFrame })],
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2024',
    // What a page holds as data: addresses its own policy refuses.
    assetsInlineLimit: 0,
    // One small page: a preload shim for chunks would be more than it saves.
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: server ? { proxy: { '/api': { target: server, ws: true } } } : {},
})

export default config
