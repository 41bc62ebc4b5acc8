import { InputError, InterruptedError, messageOf, RedlineError } from '../core/errors.js'
import { checkConfig } from './config.js'
import { describeWish, type EngineName, parseEngine } from './engine.js'
import { type Provider, type RunningServer, type ServerContext, Unavailable, type Wanted } from './provider.js'
import { cacheProvider } from './providers/cache.js'
import { containerProvider } from './providers/container.js'
import { debianProvider } from './providers/debian.js'
import { pathProvider } from './providers/path.js'

/** The server that a run needs. */
export interface ServerRequest {
  /** `redis`, `valkey`, `redis@7.0`; any engine by default. */
  engine?: string
  /** Directives as they stand in redis.conf; nothing is written to disk unless they ask for it. */
  config?: Record<string, string>
  /** `tcp` (the default) is a free port of 127.0.0.1, `unix` a socket in a private folder. */
  listen?: 'tcp' | 'unix'
}

/** Every way of getting a server, in the order in which they are tried. */
export const PROVIDERS: readonly Provider[] = [pathProvider, cacheProvider, containerProvider, debianProvider]

/**
 * Starts a server in the first way that works; each try is a `step`, each failure a `step` or `warning` with its reason.
 * Throws InputError for a wrong request or a configuration that the server refuses, InterruptedError (or the signal's own
 * RedlineError) when aborted, and RedlineError with what to install when there is no way.
 */
export async function acquireServer(
  request: ServerRequest,
  context: ServerContext,
  providers: readonly Provider[] = PROVIDERS,
): Promise<RunningServer> {
  const wanted: Wanted = {
    engine: parseEngine(request.engine),
    config: checkConfig(request.config ?? {}),
    listen: request.listen ?? 'tcp',
  }
  const reasons: string[] = []
  for (const provider of providers) {
    context.onProgress({ kind: 'step', message: `looking for ${provider.title}` })
    try {
      const server = await provider.start(wanted, context)
      context.onProgress({ kind: 'step', message: `started ${server.engine} ${server.version} at ${server.url} (${server.origin})` })
      return server
    } catch (error) {
      if (context.signal.aborted) throw interruption(context.signal)
      if (error instanceof InputError) throw error
      const message = `${provider.title}: ${messageOf(error)}`
      context.onProgress({ kind: error instanceof Unavailable ? 'step' : 'warning', message })
      reasons.push(message)
    }
  }
  throw new RedlineError([`found no way to a ${describeWish(wanted.engine)} server`, ...reasons].join('\n  '), {
    hint: installHint(wanted.engine.name ?? 'redis'),
  })
}

function interruption(signal: AbortSignal): RedlineError {
  return signal.reason instanceof RedlineError ? signal.reason : new InterruptedError()
}

function installHint(engine: EngineName): string {
  return [
    'install one and try again:',
    `  macOS           brew install ${engine}`,
    `  Fedora          sudo dnf install ${engine}`,
    `  Debian, Ubuntu  sudo apt-get install ${engine}-server`,
    `  Alpine          sudo apk add ${engine}`,
    `  Windows         wsl --install, and inside it: sudo apt-get install ${engine}-server`,
    'or name one that runs: --target redis://host:6379',
  ].join('\n')
}
