// Starts the harness of tests/mock; node alone cannot read TypeScript everywhere, vite can.
import { runnerImport } from 'vite'

const { module } = await runnerImport('./tests/mock/main.ts')
await module.main()
