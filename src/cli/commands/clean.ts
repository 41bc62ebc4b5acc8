import { safeText } from '../../core/text.js'
import { parseDuration } from '../../core/units.js'
import { clean, isProcessAlive } from '../../redis/cleanup.js'
import { listManifests, manifestFolder } from '../../redis/manifest.js'
import { parseAddress } from '../../wire/address.js'
import { Client } from '../../wire/client.js'
import type { World } from '../world.js'

/** `redline clean`: lists the runs on record, or removes what the dead ones left on one server. Throws RedlineError. */
export async function cleanCommand(url: string | undefined, options: { timeout: string }, world: World): Promise<void> {
  const folder = manifestFolder(world.env)
  if (url === undefined) {
    await listRuns(folder, world)
    return
  }
  const client = await Client.open(parseAddress(url, world.env), {
    protocol: 2,
    timeoutMs: parseDuration(options.timeout),
    signal: world.signal,
  })
  try {
    const cleaned = await clean(client, folder, { signal: world.signal, isAlive: isProcessAlive })
    for (const { id, outcome, keys, pid } of cleaned) {
      const what = outcome === 'alive' ? `still runs as process ${pid}; left alone` : `${keys} keys removed`
      world.stdout.write(`run ${id}: ${what}\n`)
    }
    if (cleaned.length === 0) world.stdout.write('no run on that server is on record: nothing to remove\n')
  } finally {
    client.close()
  }
}

async function listRuns(folder: string, world: World): Promise<void> {
  const { manifests, unreadable } = await listManifests(folder)
  for (const { id, address, startedAt, pid } of manifests) {
    const state = isProcessAlive(pid)
      ? `running as process ${pid}`
      : `ended without cleaning up; remove its keys with: redline clean ${address}`
    world.stdout.write(safeText(`run ${id} of ${startedAt} on ${address}: ${state}`) + '\n')
  }
  for (const path of unreadable) world.stderr.write(`redline: ${safeText(path)} is not a record of a run\n`)
  if (manifests.length === 0) world.stdout.write('no run is on record: nothing to remove\n')
}
