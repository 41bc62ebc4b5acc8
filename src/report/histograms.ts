import { decodeFromCompressedBase64, JsHistogram } from 'hdr-histogram-js'
import { InputError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import type { Round, VariantResult } from '../schema/result.js'
import { isUsable } from '../stats/summary.js'

/** All latencies of one load of a variant, in nanoseconds. */
export interface LoadHistograms {
  /** Name of the load. */
  load: string
  /** As the result's `latency`: of an open loop from when a request was due. */
  latency: JsHistogram
  /** From the actual send; undefined for closed loops, of which it is the same. */
  service: JsHistogram | undefined
}

/**
 * The histograms of each load of a variant, those of its rounds added up; rounds that are invalid are left out. Empty without a usable
 * round. Throws InputError for one that can't be decoded; `where` names the variant in the message.
 */
export function histogramsOf({ rounds }: VariantResult, where: string): LoadHistograms[] {
  const loads = rounds.filter(isUsable).flatMap((round: Round) => round.loads)
  const names = [...new Set(loads.map(({ name }) => name))]
  return names.map((load) => {
    const same = loads.filter(({ name }) => name === load)
    const total = (which: 'latency' | 'service') => added(same.map((one) => decoded(one[which].hdr, `${which} of ${load} in ${where}`)))
    return { load, latency: total('latency'), service: same.some(({ executor }) => executor === 'open') ? total('service') : undefined }
  })
}

function decoded(text: string, what: string): JsHistogram {
  try {
    // 64 bits for each bucket: a long run counts further than 32 do.
    const histogram = decodeFromCompressedBase64(text, 64, false)
    if (histogram instanceof JsHistogram) return histogram
    throw new TypeError('one in plain JavaScript was asked for')
  } catch (error) {
    throw new InputError(`the histogram of the ${safeText(what)} can not be decoded`, {
      hint: 'name a result.json that `redline run` saved, as it saved it',
      cause: error,
    })
  }
}

function added([first, ...more]: readonly JsHistogram[]): JsHistogram {
  for (const histogram of more) first!.add(histogram)
  return first!
}
