import { Document, isMap, isSeq } from 'yaml'
import type { Contract, SuggestedContract } from '../schema/project.js'

/** Contracts as a redline.config.yaml holds them, with sizes and durations as people write them; remarks are comments above them. */
export function contractsText(suggested: readonly SuggestedContract[]): string {
  const document = new Document({ contracts: suggested.map(({ contract }) => written(contract)) })
  const contracts = document.get('contracts')
  const items: unknown[] = isSeq(contracts) ? contracts.items : []
  items.forEach((item, i) => {
    const remark = suggested[i]?.remark
    if (isMap(item) && remark !== undefined) item.commentBefore = ` ${remark}`
  })
  document.commentBefore = ' What redline saw, as a first draft: correct it, and name the owners. See docs/audit.md.'
  return document.toString({ lineWidth: 120 })
}

function written({ ttl, max_bytes, ...contract }: Contract): Record<string, unknown> {
  return {
    ...contract,
    ...(ttl === undefined ? {} : { ttl: typeof ttl === 'string' ? ttl : limitsText(ttl) }),
    ...(max_bytes === undefined ? {} : { max_bytes: exact(max_bytes, BYTES) }),
  }
}

function limitsText({ min, max }: { min?: number | undefined; max?: number | undefined }): Record<string, string> {
  return {
    ...(min === undefined ? {} : { min: exact(min, MILLISECONDS) }),
    ...(max === undefined ? {} : { max: exact(max, MILLISECONDS) }),
  }
}

type Units = readonly (readonly [name: string, size: number])[]
const BYTES: Units = [
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
  ['B', 1],
]
const MILLISECONDS: Units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

/** In the largest unit of which it is a whole number: what is read back is the same. */
function exact(value: number, units: Units): string {
  const [name, size] = units.find(([, size]) => value % size === 0) ?? units.at(-1)!
  return `${value / size}${name}`
}
