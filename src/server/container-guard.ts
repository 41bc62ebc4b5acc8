import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeContainers } from './docker.js'

/*
 * A process of its own that outlives the one that started it just long enough to remove its container. It is told which
 * by its argument, and that its parent is gone, be it by SIGKILL, by the end of its input. The container may still be in
 * the making then, hence the second look.
 */
const run = process.argv[2]
if (run === undefined) throw new Error('usage: container-guard RUN')
process.stdin.resume()
await once(process.stdin, 'close')
await removeContainers(run)
await sleep(2000)
await removeContainers(run)
