import { defineConfig } from 'vitest/config'

// Tests import the build (#redline/*), because worker threads and child processes can only run that;
// the global setup makes it fresh.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: a third file at once would only make timing tests fight each other.
    maxWorkers: 2,
  },
})
