import { trim } from '../core/units.js'
import type { ComparedRuns } from '../schema/compare.js'
import { type Advice, type Detectable, type Doctor, type MachineReading, usedPairs } from '../schema/doctor.js'

/** What is usual on a machine that nobody else uses; beyond it, somebody should know. */
const MOST_STEAL = 0.005
const MOST_OTHERS = 0.05
const MOST_LOST = 0.01
const LONGEST_HICCUP_MS = 10
const COARSEST_TIMER_NS = 10_000
/** A server, its generator, and a core for everything else. */
const LEAST_CORES = 4
/** Of the pairs of rounds. */
const LEAST_VALID = 0.8
/** A change that is smaller is what gates are usually asked to find. */
const WANTED_CHANGE = 0.1

/** What somebody who measures on this machine should know, and can do: the gravest first. */
export function adviceFor({ machine, environment, comparison, detectable, pairs }: Omit<Doctor, 'advice'>): Advice[] {
  return [
    ...machineAdvice(machine),
    ...environmentAdvice(environment),
    ...validityAdvice(usedPairs(comparison), pairs),
    ...noiseAdvice(detectable),
    ...alarmAdvice(comparison),
  ]
}

const percent = (share: number) => `${trim(share * 100, 2)}%`

function machineAdvice({ stealShare, othersShare, hiccupShare, hiccupMaxMs, timerStepNs }: MachineReading): Advice[] {
  const advice: Advice[] = []
  if (stealShare !== null && stealShare > MOST_STEAL)
    advice.push({
      code: 'steal',
      text: `the hypervisor took ${percent(stealShare)} of the machine's time: other machines share its cores`,
      remedy:
        'measure with redline ab, whose pairs meet the same neighbours, and not against stored baselines; or take a machine with cores of its own',
    })
  if (othersShare !== null && othersShare > MOST_OTHERS)
    advice.push({
      code: 'others',
      text: `other processes used ${percent(othersShare)} of the machine`,
      remedy: 'end them, or measure when they are done: top shows which they are',
    })
  if (hiccupShare > MOST_LOST || hiccupMaxMs > LONGEST_HICCUP_MS)
    advice.push({
      code: 'hiccups',
      text: `a thread that never waits lost ${percent(hiccupShare)} of its time, at most ${trim(hiccupMaxMs, 3)} ms at once: that much is in every p99.9 here`,
      remedy: 'read tails of latencies with that in mind; isolate cores, or pin redline and the server to different ones',
    })
  if (timerStepNs > COARSEST_TIMER_NS)
    advice.push({
      code: 'timer',
      text: `the clock goes in steps of ${trim(timerStepNs / 1000, 3)} us`,
      remedy: 'latencies below ten of those are not worth comparing; a virtual machine may offer a better clocksource',
    })
  return advice
}

function environmentAdvice({ governor, transparentHugePages, cores }: Doctor['environment']): Advice[] {
  const advice: Advice[] = []
  if (governor !== null && governor !== 'performance')
    advice.push({
      code: 'governor',
      text: `the frequency governor is ${governor}: cores are slow until they have been busy for a while`,
      remedy: 'cpupower frequency-set -g performance',
    })
  if (transparentHugePages === 'always')
    advice.push({
      code: 'huge-pages',
      text: 'transparent huge pages are always on: forks of a server make its latency jump',
      remedy: 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled',
    })
  if (cores < LEAST_CORES)
    advice.push({
      code: 'few-cores',
      text: `${cores} cores: the server and the load that measures it get in each other's way`,
      remedy: 'take ratios, not absolute figures, from this machine; rounds in which it mattered are marked',
    })
  return advice
}

function validityAdvice(counted: number, pairs: number): Advice[] {
  if (counted >= pairs * LEAST_VALID) return []
  return [
    {
      code: 'invalid',
      text: `only ${counted} of ${pairs} pairs of rounds are valid on both sides`,
      remedy: 'redline run says of the same scenario what made its rounds invalid',
    },
  ]
}

function noiseAdvice(detectable: readonly Detectable[]): Advice[] {
  const most = detectable.flatMap(({ metric, variant, sizes }) => {
    const best = sizes.at(-1)
    return best === undefined || best.change === null || best.change <= WANTED_CHANGE ? [] : [{ metric, variant, ...best }]
  })
  const [worst] = most.toSorted((a, b) => b.change! - a.change!)
  if (worst === undefined) return []
  return [
    {
      code: 'noise',
      text: `even ${worst.pairs} pairs of rounds find no change of ${worst.metric} that is smaller than ${percent(worst.change!)} (${worst.variant})`,
      remedy: 'gate on another metric, or with longer rounds (--full), or on a quieter machine',
    },
  ]
}

function alarmAdvice({ counts, metrics }: ComparedRuns): Advice[] {
  if (counts.worse + counts.better === 0) return []
  const [one] = metrics.filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
  return [
    {
      code: 'false-alarm',
      text: `the scenario differs from itself in ${one!.metric} (${one!.variant}), which happens by chance in one of twenty runs of this`,
      remedy: 'run redline doctor again; if it comes back, rounds have an influence on each other: say reload: round in the scenario',
    },
  ]
}
