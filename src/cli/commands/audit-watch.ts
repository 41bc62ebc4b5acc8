import { EXIT, type ExitCode, InputError } from '../../core/errors.js'
import { parseDuration } from '../../core/units.js'
import { watch } from '../../audit/watch/watch.js'
import { renderWatch, watchHeader, watchLine } from '../../report/watch.js'
import type { WatchSample } from '../../schema/watch.js'
import { parseAddress } from '../../wire/address.js'
import type { AuditCliOptions } from '../options.js'
import { type Style, styleFor, type World } from '../world.js'

/** Below this, INFO itself would show in what is watched. */
const SHORTEST_MS = 100
/** Samples that are drawn: as many as the widest terminal has columns for. */
const MOST_SAMPLES = 200

/**
 * `redline audit --watch`: a table that is drawn anew on a terminal, a line for each sample where the output is not one, and with
 * --json a document for each line. Until Ctrl-C, or --max-time. Throws RedlineError.
 */
export async function watchCommand(target: string, options: AuditCliOptions, world: World): Promise<ExitCode> {
  const everyMs = parseDuration(options.watch!)
  if (everyMs < SHORTEST_MS) throw new InputError(`--watch ${options.watch} is too often`, { hint: `${SHORTEST_MS}ms is the shortest` })
  const show = options.json ? asJson : world.stdout.isTTY ? redrawn() : asLines()
  const samples = watch(parseAddress(target, world.env), {
    everyMs,
    ...(options.maxTime === undefined ? {} : { forMs: parseDuration(options.maxTime) }),
    timeoutMs: parseDuration(options.timeout),
    signal: world.signal,
  })
  for await (const sample of samples) world.stdout.write(show(sample, styleFor(world.stdout, world.env)))
  // Ctrl-C is how one stops to watch.
  return EXIT.ok
}

type Show = (sample: WatchSample, style: Style) => string

const asJson: Show = (sample) => `${JSON.stringify(sample)}\n`

function asLines(): Show {
  let begun = false
  return (sample, style) => {
    const header = begun ? '' : `${watchHeader(style)}\n`
    begun = true
    return `${header}${watchLine(sample, style)}\n`
  }
}

/** Writes over what it wrote before. */
function redrawn(): Show {
  const samples: WatchSample[] = []
  let lines = 0
  return (sample, style) => {
    samples.push(sample)
    if (samples.length > MOST_SAMPLES) samples.shift()
    const text = renderWatch(samples, style)
    const back = lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`
    lines = text.split('\n').length - 1
    return back + text
  }
}
