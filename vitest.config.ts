// Tests run in child processes, so that one may kill, chdir or change its environment without harm to its neighbours.
// Coverage counts what runs inside the test processes; what a test starts as a child (the built `ifab`) is not counted.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/setup/build.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.generated.ts'],
      reportOnFailure: true,
      reporter: [['text', { skipFull: true }]],
      thresholds: {
        lines: 90,
        statements: 90,
        functions: 90,
        branches: 85,
        'src/adapter/**': { lines: 95 },
        'src/providers/**': { lines: 95 },
      },
    },
  },
})
