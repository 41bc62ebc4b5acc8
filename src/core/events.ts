/** What a long operation tells whoever watches; the CLI turns these into progress on stderr. */
export type ProgressEvent =
  /** One step of getting ready, said once: `looking for redis-server on PATH`. */
  | { kind: 'step'; message: string }
  /** Something the user should know that does not stop the run. */
  | { kind: 'warning'; message: string }
  /** A scenario starts: the rounds it will take over all variants. */
  | { kind: 'scenario'; id: string; index: number; of: number }
  /** Loading the dataset: keys written so far. */
  | { kind: 'dataset'; done: number; of: number }
  /** A round starts; `of` is undefined when nobody knows how many there will be; `remainingMs` is the planned time of everything left, this round included. */
  | { kind: 'round'; scenario: string; variant: string; round: number; of: number | undefined; remainingMs: number }
  /** A round ended. */
  | { kind: 'round-end'; scenario: string; variant: string; round: number; verdict: 'valid' | 'suspect' | 'invalid' }
  /** An audit reads keys: so many so far, of about so many; `note` says what holds it back, if anything does. */
  | { kind: 'scan'; keys: number; of: number; keysPerSecond: number; note: string | undefined }

export type OnProgress = (event: ProgressEvent) => void
