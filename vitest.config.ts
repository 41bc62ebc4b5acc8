import { defineConfig } from 'vitest/config'
import { findChromium } from './test/support/find-chromium.js'

// Tests import the build (#redline/*), because worker threads and child processes can only run that;
// the global setup makes it fresh.
const common = {
  // A test that hangs ends, and one on a machine that others use as well does not.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // The build is loaded as Node loads it, also where it names a module at run time.
  server: { deps: { external: [/\/dist\//] } },
}

const withSlow = process.env['REDLINE_TEST_SLOW'] === '1'
if (!withSlow) process.stderr.write('The tests of test/**/*.slow.test.ts are run by CI, and by npm run test:engines.\n')

// Without Chromium pages are only parsed; CHROMIUM names one that is not on PATH.
const chromium = findChromium()
if (chromium === undefined) process.stderr.write('There is no Chromium here: the tests of test/**/*.chromium.test.ts are not run.\n')

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts', 'test/support/own-folder.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{alone,chromium,slow}.test.ts'],
          setupFiles: ['test/support/fixed-seed.ts'],
          // A process for many files: loading zod, ioredis and the build again for each took a fifth of the time. Files leave nothing behind.
          isolate: false,
          // One more than the two cores that CI has: much of the time tests wait for servers, timeouts and replicas.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      ...(withSlow
        ? [
            {
              // What takes long for its worth to whoever changes a line, and has to stay true: CI runs it.
              test: {
                ...common,
                name: 'slow',
                include: ['test/**/*.slow.test.ts'],
                exclude: ['test/**/*.alone.slow.test.ts'],
                setupFiles: ['test/support/fixed-seed.ts'],
                isolate: false,
                maxWorkers: 3,
                sequence: { groupOrder: 0 },
              },
            },
          ]
        : []),
      ...(chromium === undefined
        ? []
        : [
            {
              // How pages look and behave where people open them.
              test: {
                ...common,
                name: 'chromium',
                testTimeout: 60_000,
                include: ['test/**/*.chromium.test.ts'],
                maxWorkers: 1,
                sequence: { groupOrder: 0 },
              },
            },
          ]),
      {
        // What compares times with known answers, or takes the machine's cores away, has the machine to itself. A virtual machine
        // may still be taken away for some milliseconds in the middle of a test, hence the retries: that is rare, and a defect is
        // there every time.
        test: {
          ...common,
          name: 'alone',
          retry: 3,
          include: ['test/**/*.alone.test.ts', ...(withSlow ? ['test/**/*.alone.slow.test.ts'] : [])],
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
