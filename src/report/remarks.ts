import { groupBy } from '../core/group.js'
import { safeText } from '../core/text.js'
import { formatCount, formatDuration, trim } from '../core/units.js'
import type { LoadResult, VariantResult } from '../schema/result.js'
import { paint, type Style, type Tone } from './style.js'
import { wrap } from './wrap.js'

/** Something to know beside the numbers. */
export interface Remark {
  label: string
  tone: Tone
  text: string
}

const LABEL_WIDTH = 14
/** From here on the difference between the two clocks is the story. */
const OMISSION_FACTOR = 2

/** What has to be known beside the numbers: doubts about rounds, errors, missed rates, waiting that a closed loop would hide, the relay. */
export function remarkLines(variants: readonly VariantResult[], style: Style): string[] {
  return remarksOf(variants).flatMap(({ label, tone, text }) => {
    const [first = '', ...more] = wrap(text, style.width - LABEL_WIDTH - 2)
    return [
      `  ${paint(label, tone, style)}${' '.repeat(LABEL_WIDTH - label.length)}${first}`,
      ...more.map((line) => `  ${' '.repeat(LABEL_WIDTH)}${line}`),
    ]
  })
}

/** The same, not laid out yet. */
export function remarksOf(variants: readonly VariantResult[]): Remark[] {
  return [...doubts(variants), ...variants.flatMap(openLoops), ...relays(variants)]
}

/** Each kind of doubt once, with how many rounds have it and the words of the worst. */
export function doubts(variants: readonly VariantResult[]): Remark[] {
  const all = variants.flatMap(({ id, rounds }) =>
    rounds.flatMap(({ validity }) => validity.reasons.filter(({ severity }) => severity !== 'note').map((reason) => ({ id, ...reason }))),
  )
  return [...groupBy(all, ({ severity, code }) => `${severity} ${code}`).values()].map((same) => {
    const worst = same.toSorted((a, b) => figure(b.message) - figure(a.message))[0]!
    const ids = [...new Set(same.map(({ id }) => id))]
    const where = ids.length === 1 ? ` of ${safeText(ids[0]!)}` : ''
    const rounds = `${same.length} ${same.length === 1 ? 'round' : 'rounds'}${where}`
    const most = same.length === 1 ? '' : 'at worst '
    return {
      label: worst.severity,
      tone: worst.severity === 'invalid' ? 'bad' : 'doubtful',
      text: `${rounds}: ${most}${safeText(worst.message)}`,
    }
  })
}

/** The share that a message names: of two with the same words, the larger one is the worse. */
const figure = (message: string) => Number(/(\d+(?:\.\d+)?)%/.exec(message)?.[1] ?? 0)

function openLoops({ id, rounds }: VariantResult): Remark[] {
  const usable = rounds.filter(({ validity }) => validity.verdict !== 'invalid').flatMap(({ loads }) => loads)
  const loads = usable.filter(({ offered }) => offered !== null)
  const worst = loads.toSorted((a, b) => b.latency.p99 - a.latency.p99)[0]
  if (!worst) return []
  const remarks = worst.latency.p99 > OMISSION_FACTOR * worst.service.p99 ? [omission(id, worst)] : []
  const late = loads.reduce((sum, { delayed }) => sum + delayed, 0)
  if (late > 0) {
    const text = `${formatCount(late)} arrivals of ${safeText(id)} found every connection taken and waited; their latency counts from when they were due`
    remarks.push({ label: 'note', tone: 'dim', text })
  }
  return remarks
}

function omission(id: string, { latency, service }: LoadResult): Remark {
  const [felt, seen] = [latency, service].map(({ p99 }) => formatDuration(Number(trim(p99 / 1000, 3))))
  const text = `${safeText(id)}: p99 is ${felt} from when a request was due, ${seen} from when it was sent; a closed loop would have said ${seen}`
  return { label: 'note', tone: 'dim', text }
}

/** How far the relay was from what it was asked for. */
function relays(variants: readonly VariantResult[]): Remark[] {
  const networks = variants.flatMap(({ rounds }) => rounds.flatMap(({ network }) => network ?? []))
  return [...groupBy(networks, ({ delayMs }) => delayMs)].map(([delayMs, same]) => {
    const p50s = same.map(({ holdP50Ms }) => holdP50Ms).toSorted((a, b) => a - b)
    const p99s = same.map(({ holdP99Ms }) => holdP99Ms).toSorted((a, b) => a - b)
    const middle = (values: readonly number[]) => trim(values[values.length >> 1]!, 3)
    const text = `the relay added a round trip of ${middle(p50s)} ms (p50) and ${middle(p99s)} ms (p99), asked for ${trim(delayMs, 3)} ms`
    return { label: 'network', tone: 'dim', text }
  })
}
