import { resolve } from 'node:path'
import { defineConfig } from 'vite'

const service = process.env.MEREON_URL ?? 'http://127.0.0.1:8080'
const proxied = ['/graphql', '/scenes', '/blobs', '/healthz', '/readyz']

// Two entries: the application, and the scene element alone under a stable name, for pages of other products.
export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      onwarn: (warning, warn) => { if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning) }, // libraries mark modules for other frameworks
      input: { index: resolve(import.meta.dirname, 'index.html'), 'mereon-scene': resolve(import.meta.dirname, 'src/scene/index.ts') },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: (chunk) => (chunk.name === 'mereon-scene' ? 'mereon-scene.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: service, ws: true }])) },
})
