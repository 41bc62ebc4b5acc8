/*
 * What npm start and npm test need before anything else: the dependencies and the build. Plain JavaScript without
 * dependencies, because it runs before there are any.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program with its output passed through, and ends this process with its exit code when it fails. */
export function must(command, args, options = {}) {
  const code = attempt(command, args, options)
  if (code !== 0) process.exit(code)
}

/** Runs a program with its output passed through and returns its exit code, 128 + n when signal n ended it. */
export function attempt(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (error) {
    console.error(`${command}: ${error.message}`)
    return 2
  }
  return status ?? (signal === 'SIGINT' ? 130 : 1)
}

/** Installs what the lockfile names, when that is not there yet, and compiles. */
export function setUp() {
  requireNode()
  if (!isInstalled()) {
    console.error('installing dependencies ...')
    // npm's own path is in the environment of a script that it runs; elsewhere it is on PATH.
    const npm = process.env.npm_execpath
    const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    if (npm) must(process.execPath, [npm, ...flags])
    else must('npm', flags)
  }
  build()
}

export function build() {
  must(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
  must(process.execPath, ['scripts/bundle.js'])
}

/** The path of redline's command. */
export const CLI = 'dist/bundle/redline.js'

/** What it is made of: the same command as tsc compiled it. */
export const COMPILED_CLI = 'dist/cli/main.js'

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`redline needs Node 20.19 or newer; this is ${process.versions.node}. Get one at https://nodejs.org`)
  process.exit(2)
}

/** Whether each package of the lockfile is installed in its version; npm keeps what it installed in a lockfile of its own. */
function isInstalled() {
  try {
    const wanted = packages('package-lock.json')
    const there = packages('node_modules/.package-lock.json')
    // An optional package for another platform is in the lockfile and not here.
    return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || there[path]?.version === version)
  } catch {
    return false
  }
}

function packages(path) {
  return JSON.parse(readFileSync(`${ROOT}/${path}`, 'utf8')).packages
}
