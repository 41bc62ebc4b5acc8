/** Options of `redline run` as they come from the command line. */
export interface RunCliOptions {
  target?: string
  engine?: string
  quick?: boolean
  rounds?: number
  seed: number
  set?: string[]
  allow?: ('replica' | 'memory' | 'busy' | 'dangerous')[]
  timeout: string
  out: string
  open?: boolean
  json?: boolean
  format?: string[]
  command?: string[]
  connections?: string
  pipeline?: string
  rate?: string
  arrival?: string
  duration?: string
  count?: string
  warmup?: string
  keys?: string
  driver?: string
  protocol?: string
  threads?: number
}

/** Options of `redline audit` as they come from the command line. */
export interface AuditCliOptions {
  sample?: string
  db?: number[]
  replica: boolean
  master?: string
  expectRole?: string
  rule?: string[]
  redact?: boolean
  timeout: string
  seed?: number
  maxImpact?: string
  maxOps?: string
  maxTime?: string
  allow?: 'touch'[]
  resume?: string
  config?: string
  failOn?: string
  baseline?: string
  prune?: boolean
  updateBaseline?: boolean
  since?: string
  suggestContracts?: boolean
  printAcl?: boolean
  watch?: string
  engine?: string
  out: string
  open?: boolean
  json?: boolean
  format?: string[]
}

/** Options of `redline compare` as they come from the command line. */
export interface CompareCliOptions {
  allowDifferent?: boolean
  limit: string
  drift: string
  metric?: string[]
  json?: boolean
  format?: string[]
}

/** Options that `redline ab` and `redline doctor` share, as they come from the command line. */
export interface InTurnsCliOptions {
  budget: string
  limit: string
  metric?: string[]
  variant?: string[]
  full?: boolean
  set?: string[]
  threads?: number
  seed: number
  allow?: ('replica' | 'memory' | 'busy' | 'dangerous')[]
  timeout: string
  json?: boolean
}

/** Options of `redline ab` as they come from the command line. */
export interface AbCliOptions extends InTurnsCliOptions {
  a?: string[]
  b?: string[]
  until: string
  failFast?: boolean
  out: string
  open?: boolean
  format?: string[]
}

/** Options of `redline doctor` as they come from the command line. */
export interface DoctorCliOptions extends InTurnsCliOptions {
  target?: string
  engine?: string
}

/** Options of `redline gate` as they come from the command line. */
export interface GateCliOptions extends Omit<CompareCliOptions, 'allowDifferent'> {
  config?: string
  baseline?: string
  baselines: string
  history?: boolean
  histories: string
  label?: string
}

/** Options of `redline baseline` as they come from the command line. */
export interface BaselineCliOptions {
  folder: string
  replace?: boolean
  label?: string
}

/** Options of `redline history` as they come from the command line. */
export interface HistoryCliOptions {
  folder: string
  label?: string
  json?: boolean
}
