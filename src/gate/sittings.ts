/** Runs that began within an hour of each other saw the machine in one state: they are one sitting. */
const SITTING_MS = 3_600_000

/** The things in order of time, those of one sitting together. */
export function sittingsOf<T extends { startedAt: string }>(things: readonly T[]): T[][] {
  const sittings: T[][] = []
  let last = -Infinity
  for (const thing of things.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))) {
    const at = Date.parse(thing.startedAt)
    if (at - last < SITTING_MS) sittings.at(-1)!.push(thing)
    else sittings.push([thing])
    last = at
  }
  return sittings
}
