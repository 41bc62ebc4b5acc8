import { formatCount, trim } from '../../core/units.js'
import type { Metric, Round, VariantResult } from '../../schema/result.js'
import { isUsable } from '../../stats/summary.js'
import { percent } from '../words.js'
import type { Style } from '../style.js'
import { html, type Markup, type Part } from './escape.js'
import { badge, type Column, name, sign, table } from './parts.js'

/** For the words that a terminal's report and a page share. */
export const PLAIN: Style = { width: 1000, color: false, unicode: true }

/** `±1.8%`: half the range over the rounds, of the median. */
export function spread(metric: Metric | undefined, rounds: readonly Round[]): string {
  if (!metric || metric.median === 0 || rounds.filter(isUsable).length < 2) return ''
  return `±${trim((((metric.high - metric.low) / 2) * 100) / metric.median, 2)}%`
}

/** The server's share of one core, over the usable rounds. */
export function cpuCell(rounds: readonly Round[]): string {
  const shares = rounds.filter(isUsable).map(({ server }) => server.cpu.share)
  return shares.length === 0 ? '-' : percent(shares.reduce((sum, share) => sum + share, 0) / shares.length)
}

/** What limited most of the usable rounds, and whether any is in doubt. */
export function limitedBy(rounds: readonly Round[]): Part {
  const limiters = rounds.filter(isUsable).map(({ validity }) => validity.limiter)
  const times = (limiter: string) => limiters.filter((one) => one === limiter).length
  const most = limiters.toSorted((a, b) => times(b) - times(a))[0] ?? 'unknown'
  const doubtful = rounds.filter(({ validity }) => validity.verdict !== 'valid').length
  return doubtful === 0 ? most : html`${most} ${badge(`${doubtful} of ${rounds.length} in doubt`, 'doubtful', 'doubtful')}`
}

/** Rounds beyond this many are counted. */
const MOST_ROUNDS = 12

/** A cell for each round: what it did, what limited it, and whether it counts. */
export function roundsTable(variants: readonly VariantResult[]): Markup {
  const most = variants.reduce((least, { rounds }) => Math.max(least, rounds.length), 0)
  const columns: Column<VariantResult>[] = [
    { title: 'Variant', kind: 'row', cell: ({ id }) => name(id, 80) },
    ...Array.from({ length: Math.min(most, MOST_ROUNDS) }, (_, index) => ({
      title: `round ${index + 1}`,
      cell: ({ rounds }: VariantResult) => roundCell(rounds[index]),
    })),
    ...(most > MOST_ROUNDS ? [{ title: '', cell: ({ rounds }: VariantResult) => `and ${rounds.length - MOST_ROUNDS} more` }] : []),
  ]
  return table('What limited each round', columns, variants, MOST_VARIANTS)
}

const MOST_VARIANTS = 60

function roundCell(round: Round | undefined): Part {
  if (!round) return ''
  const { verdict, limiter, reasons } = round.validity
  if (verdict === 'invalid')
    return html`<span class="bad">${sign('bad')}invalid</span>
      <br />
      <span class="sub">${reasons.find(({ severity }) => severity === 'invalid')?.code}</span>`
  const figure = round.loads[0] ? formatCount(round.loads[0].achieved) : '-'
  const doubt =
    verdict === 'suspect' &&
    html` <br />
      <span class="sub">suspect: ${reasons.find(({ severity }) => severity === 'suspect')?.code}</span>`
  return html`<span class="${verdict === 'suspect' ? 'doubtful' : 'good'}"
      >${sign(verdict === 'suspect' ? 'doubtful' : 'good')}${limiter}</span
    >
    <span class="sub">${figure}</span>${doubt}`
}
