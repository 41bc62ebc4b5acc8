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
  json?: boolean
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
