// The simplest web server: says hello on PORT, and who it is (SELF).
import { serve } from './web.ts'

if (process.env.TITLE) process.title = process.env.TITLE
const { PORT = '80', ADDRESS: address, SELF: self } = process.env
serve({ port: Number(PORT), address, self }, async () => ({ status: 200, body: 'hello\n' }))
