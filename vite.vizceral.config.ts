import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The drop-in for Netflix Vizceral's data: one ES module with all it needs inside, for pages of others. */
const config: UserConfig = defineConfig({
  publicDir: false,
  build: {
    outDir: path('dist/vizceral'),
    emptyOutDir: true,
    target: 'es2024',
    lib: { entry: path('src/web/vizceral/vizceral.ts'), formats: ['es'], fileName: 'vizceral' },
  },
  worker: { format: 'es' },
})

export default config
