#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { EXIT, InterruptedError } from '../core/errors.js'
import { main } from './program.js'
import type { Output } from './world.js'

/* The process: real streams, signals and exit codes. Everything else is in program.ts, and runs in tests as it runs here. */

const abort = new AbortController()
let interrupted = false

function interrupt(): void {
  if (interrupted) {
    // The second Ctrl-C: the user doesn't want to wait for the cleaning up. What is left is on record for `redline clean`.
    process.exit(EXIT.interrupted)
  }
  interrupted = true
  abort.abort(new InterruptedError())
}

process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)
process.on('SIGHUP', interrupt)

function output(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough (`| head`) is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
    throw error
  })
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY, columns: stream.columns }
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
}

process.exitCode = await main(process.argv.slice(2), {
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  signal: abort.signal,
  version: ownVersion(),
  open: async (path) => (await import('./browser.js')).openFile(path),
})
