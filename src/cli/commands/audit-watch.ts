import { InputError } from '../../core/errors.js'

/** Stands in until there is something to watch with. */
export function watchCommand(..._args: unknown[]): Promise<never> {
  return Promise.reject(new InputError('nothing can be watched yet'))
}
