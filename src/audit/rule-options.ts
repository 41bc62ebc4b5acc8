import { z } from 'zod'
import { parseBytes, parseDuration } from '../core/units.js'
import { bytes, durationMs } from '../schema/project.js'

/** A size, with its default as people write it (`1MB`); the check sees bytes. */
export function bytesOption(byDefault: string, description: string) {
  return bytes.default(parseBytes(byDefault)).meta({ description, unit: 'bytes' })
}

/** A duration, with its default as people write it (`30d`); the check sees milliseconds. */
export function durationOption(byDefault: string, description: string) {
  return durationMs.default(parseDuration(byDefault)).meta({ description, unit: 'ms' })
}

/** A share from 0 to 1. */
export function shareOption(byDefault: number, description: string) {
  return z.number().min(0).max(1).default(byDefault).meta({ description, unit: 'share' })
}

/** A number of things. */
export function countOption(byDefault: number, description: string) {
  return z.number().min(0).default(byDefault).meta({ description, unit: 'count' })
}
