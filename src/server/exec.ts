import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../core/errors.js'
import { safeText } from '../core/text.js'
import { type Engine, parseVersion } from './engine.js'

const run = promisify(execFile)
const VERSION_TIMEOUT_MS = 5000

/** The first executable of that name on PATH, as a shell finds it. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Asks a server program what it is. Throws when it can't run or is neither engine. */
export async function askVersion(command: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Engine> {
  const [file, ...args] = [...command, '--version']
  const { stdout } = await run(file, args, { env: plainLocale(env), signal, timeout: VERSION_TIMEOUT_MS }).catch((error: unknown) => {
    throw new Error(`${args.at(-2) ?? file} does not run: ${lastLine(messageOf(error))}`, { cause: error })
  })
  const engine = parseVersion(stdout)
  if (!engine) throw new Error(`${file} is neither Redis nor Valkey`)
  return engine
}

/** What a program that failed said last; before it stands the whole command. */
function lastLine(message: string): string {
  return safeText(message.trimEnd().split('\n').at(-1) ?? '')
}

/** Messages that can be read, and a server that starts: it refuses a locale that its C library does not have. */
export function plainLocale(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, LC_ALL: 'C' }
}
