/** Exit codes of the `redline` command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, invalid: 3, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/**
 * A mistake or failure that a user can act on: printed as a message and a hint, without a stack.
 * Anything else that is thrown is a defect of redline and is printed with its stack.
 */
export class RedlineError extends Error {
  /** What to do next, in the imperative; one or more lines. */
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  constructor(message: string, options: { hint?: string; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = new.target.name
    this.hint = options.hint
    this.exitCode = options.exitCode ?? EXIT.usage
  }
}

/** Wrong usage, configuration or scenario. */
export class InputError extends RedlineError {}

/** A configuration that an engine does not know: what needs it is nothing for this engine, and the rest of a run goes on. */
export class InapplicableError extends InputError {
  /** `redis 6.0.16` */
  readonly engine: string

  constructor(engine: string, message: string, options: { hint?: string } = {}) {
    super(message, options)
    this.engine = engine
  }
}

/** A server that can't be reached, refuses us, or is not what it should be. */
export class ConnectionError extends RedlineError {}

/** Refused for the safety of a server that redline did not start. */
export class SafetyError extends RedlineError {}

/** The user interrupted the run (Ctrl-C, SIGTERM). */
export class InterruptedError extends RedlineError {
  constructor() {
    super('interrupted', { exitCode: EXIT.interrupted })
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
