// The simplest web server: says hello on PORT.
import { serve } from './web.ts'

if (process.env.TITLE) process.title = process.env.TITLE
serve({ port: Number(process.env.PORT ?? 80) }, async () => ({ status: 200, body: 'hello\n' }))
