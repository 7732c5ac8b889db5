import { createReadStream, existsSync, statSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { Readable } from 'node:stream'
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
}

const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ')

/** Serves the built page from `root`. A file that is not there is the routes' own 404. */
export function addPage(app: Hono<{ Bindings: HttpBindings }>, root: string): void {
  app.get('*', async (context, next) => {
    const asked = context.req.path === '/' ? '/index.html' : context.req.path
    const path = join(root, normalize(decode(asked)))
    const type = types[extname(path)]
    if (!type || !path.startsWith(`${root}/`) || !existsSync(path)) return next()
    const isHashed = context.req.path.startsWith('/assets/')
    const body = Readable.toWeb(createReadStream(path)) as ReadableStream
    return new Response(body, {
      headers: {
        'Content-Type': type,
        'Content-Length': String(statSync(path).size),
        'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        'Content-Security-Policy': policy,
      },
    })
  })
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '/'
  }
}
