import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/protocol/**/*.test.ts', 'tests/browser/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
