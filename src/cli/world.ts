/** A stream that the CLI prints to. */
export interface Output {
  write(text: string): void
  isTTY: boolean
  /** Columns of the terminal, if it is one. */
  columns: number | undefined
}

/** Everything of the outside world that the CLI touches, so that it runs in a test as it runs in a shell. */
export interface World {
  stdout: Output
  stderr: Output
  env: NodeJS.ProcessEnv
  cwd: string
  /** Aborted on Ctrl-C and SIGTERM. */
  signal: AbortSignal
  version: string
  /** Shows a file in a browser. */
  open: (path: string) => Promise<void>
}

/** How text is laid out for an output: what the report's style is made of. */
export interface Style {
  width: number
  color: boolean
  unicode: boolean
}

const DEFAULT_WIDTH = 80
const WIDEST = 160

/** Width, colour and characters that suit an output; honours NO_COLOR (no-color.org), FORCE_COLOR, COLUMNS and the locale. */
export function styleFor(output: Output, env: NodeJS.ProcessEnv): Style {
  const columns = output.columns ?? (Number(env['COLUMNS']) || DEFAULT_WIDTH)
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0'
  const forbidden = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return {
    width: Math.min(WIDEST, Math.max(40, columns)),
    color: !forbidden && (forced || output.isTTY),
    // Piped text goes to files and CI logs, which are UTF-8 everywhere.
    unicode: !output.isTTY || /utf-?8/i.test(locale),
  }
}
