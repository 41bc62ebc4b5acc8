import { safeText } from '../core/text.js'
import { formatDuration, trim } from '../core/units.js'
import { type Doctor, doctorSchema, type MachineReading, usedPairs } from '../schema/doctor.js'
import { documentToJson } from './document.js'
import { paint, separator, type Style } from './style.js'
import { dividedTableLines } from './table.js'
import { wrap } from './wrap.js'

/** A diagnosis as its file holds it. */
export function doctorToJson(doctor: Doctor): string {
  return documentToJson(doctor, doctorSchema)
}

/** A diagnosis as text for a terminal: the machine, what can be told from its noise, and what to do. */
export function renderDoctor(doctor: Doctor, style: Style): string {
  return `${[...headLines(doctor, style), '', ...machineLines(doctor, style), '', ...detectableLines(doctor, style), '', ...adviceLines(doctor, style)].join('\n')}\n`
}

function headLines({ environment, comparison, pairs, pairSeconds }: Doctor, style: Style): string[] {
  const counted = usedPairs(comparison)
  const of = counted === pairs ? `${pairs} pairs` : `${counted} of ${pairs} pairs`
  const scenario = comparison.metrics[0]?.scenario ?? ''
  const { cpu, cores, kernel, node } = environment
  const parts = ['redline doctor', safeText(scenario), `${of} of equal rounds count, ${trim(pairSeconds, 2)} s each`]
  const [first = '', ...more] = wrap(parts.join(separator(style)), style.width)
  return [
    first.replace('redline doctor', () => paint('redline doctor', 'strong', style)),
    ...more,
    ...wrap([cpu, `${cores} cores`, `kernel ${kernel}`, `Node ${node}`].map(safeText).join(separator(style)), style.width),
  ]
}

const percent = (share: number | null) => (share === null ? 'not told by this system' : `${trim(share * 100, 2)}%`)

function machineLines({ machine }: Doctor, style: Style): string[] {
  const rows = machineRows(machine)
  return [
    paint('the machine', 'strong', style),
    ...rows.flatMap(([name, text]) =>
      wrap(text, style.width - NAME_WIDTH).map((line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(NAME_WIDTH)}${line}`),
    ),
  ]
}

const NAME_WIDTH = '  hiccups  '.length

function machineRows(machine: MachineReading): [name: string, text: string][] {
  const ms = (value: number) => `${trim(value, 2)} ms`
  return [
    ['clock', `steps of ${trim(machine.timerStepNs, 3)} ns, ${trim(machine.timerCostNs, 2)} ns a reading`],
    ['timers', `p99 ${ms(machine.loopDelayP99Ms)} late, at most ${ms(machine.loopDelayMaxMs)}`],
    ['hiccups', `${percent(machine.hiccupShare)} of a busy thread's time, at most ${ms(machine.hiccupMaxMs)} at once`],
    ['no core', `${percent(machine.waitedShare)} of its time, though it was ready`],
    ['steal', percent(machine.stealShare)],
    ['others', machine.othersShare === null ? percent(null) : `${percent(machine.othersShare)} of all cores`],
  ]
}

function detectableLines({ detectable, comparison, pairSeconds }: Doctor, style: Style): string[] {
  const title = `the smallest change for the worse that redline ab finds here, four times out of five (limit ${trim(comparison.limit * 100, 3)}%)`
  const head = wrap(title, style.width).map((line) => paint(line, 'strong', style))
  const sizes = detectable[0]?.sizes
  if (sizes === undefined) return [...head, '  none: no metric has an interval yet; give it more time with --budget']
  const several = new Set(detectable.map(({ variant }) => variant)).size > 1
  const names = detectable.map(({ variant, metric }) => `  ${safeText(several ? `${variant} ${metric}` : metric)}`)
  const columns = sizes.map(({ pairs }, index) => ({
    title: `${pairs} pairs`,
    cells: [
      formatDuration(Math.round(pairs * pairSeconds) * 1000),
      ...detectable.map(({ better, sizes: own }) => {
        const change = own[index]!.change
        return change === null ? 'none' : `${better === 'higher' ? '-' : '+'}${percent(change)}`
      }),
    ],
    align: 'right' as const,
  }))
  return [...head, ...dividedTableLines({ title: '', cells: ['  takes about', ...names], align: 'left' }, columns, style.width)]
}

function adviceLines({ advice }: Doctor, style: Style): string[] {
  if (advice.length === 0) return [paint('nothing speaks against measuring here', 'good', style)]
  const mark = paint(style.unicode ? '⚠' : '!', 'doubtful', style)
  return advice.flatMap(({ text, remedy }) => [
    ...wrap(text, style.width - 2).map((line, index) => `${index === 0 ? mark : ' '} ${line}`),
    ...wrap(remedy, style.width - 4).map((line) => `    ${paint(line, 'dim', style)}`),
  ])
}
