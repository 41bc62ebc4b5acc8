import type { OnProgress } from '#redline/core/events.js'
import { isProcessAlive } from '#redline/redis/cleanup.js'
import { asText } from '#redline/wire/client.js'
import { look } from './scenarios.js'

/** Learns the processes of the servers that a run starts, so that a test can tell whether any is left. */
export function watchServers(then: OnProgress = () => undefined): {
  onProgress: OnProgress
  pids: () => Promise<number[]>
  urls: string[]
} {
  const pids: Promise<number>[] = []
  const urls: string[] = []
  return {
    urls,
    pids: () => Promise.all(pids),
    onProgress: (event) => {
      const url = event.kind === 'step' ? /^started .* at (\S+) \(/.exec(event.message)?.[1] : undefined
      if (url !== undefined) {
        urls.push(url)
        pids.push(processOf(url))
      }
      then(event)
    },
  }
}

async function processOf(url: string): Promise<number> {
  const client = await look(url)
  const info = asText(await client.call('INFO', 'server'))
  client.close()
  return Number(/process_id:(\d+)/.exec(info)![1])
}

export const alive = (pids: readonly number[]): number[] => pids.filter(isProcessAlive)
