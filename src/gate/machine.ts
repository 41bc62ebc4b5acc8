import type { Environment } from '../schema/result.js'

/**
 * The class of machines that one belongs to, fit for the name of a file: what a benchmark's figures depend on and what stays the same from one
 * machine of a kind to the next. `amd-epyc-7763-2-cores-8-gb-linux-x64`.
 */
export function machineClass({ cpu, cores, memoryBytes, os, container, governor }: Environment): string {
  const parts = [cpu, `${cores} cores`, `${Math.round(memoryBytes / 1024 ** 3)} gb`, os, container ? 'container' : '', governor ?? '']
  return parts
    .join(' ')
    .toLowerCase()
    .replaceAll(/\((r|tm)\)/g, '')
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 100)
}
