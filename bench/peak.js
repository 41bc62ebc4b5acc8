// @ts-check
/* Preloaded into a process (node --import): the peak of its resident memory in MB, as the last line of its output. */
import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(1, `\n${process.resourceUsage().maxRSS / 1024}`))
