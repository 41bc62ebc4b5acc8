import { didYouMean, nearest, quote } from '../../core/text.js'

/*
 * Values as redis.conf writes them, made into what CONFIG GET would say of them. Each throws Wrong with what to write instead.
 */

/** A value that the server would not take. The message does not repeat it, unless it was nearly one of the words that are allowed. */
export class Wrong extends Error {}

export type Kind = (args: readonly string[]) => string

const UNITS: Record<string, number> = { '': 1, b: 1, k: 1000, kb: 1024, m: 1000 ** 2, mb: 1024 ** 2, g: 1000 ** 3, gb: 1024 ** 3 }

/** `100mb` in bytes; k is 1000 and kb 1024, as redis.conf has it. */
export const bytes: Kind = (args) => {
  const [, digits, unit = ''] = /^(\d{1,15})([kmg]?b?)$/i.exec(one(args)) ?? []
  const factor = UNITS[unit.toLowerCase()]
  if (digits === undefined || factor === undefined) throw new Wrong('takes a size in bytes: 1048576, 100mb, 1gb')
  return String(Number(digits) * factor)
}

/** A size, or a share of maxmemory: `5%`. */
export const bytesOrPercent: Kind = (args) => (/^\d{1,3}%$/.test(one(args)) ? one(args) : bytes(args))

export const integer: Kind = (args) => {
  const text = one(args)
  if (!/^-?\d{1,18}$/.test(text)) throw new Wrong('takes a whole number')
  return String(Number(text))
}

export const yesNo: Kind = (args) => oneOf('no', 'yes')(args)

/** One of these words. */
export function oneOf(...words: readonly string[]): Kind {
  return (args) => {
    const word = one(args).toLowerCase()
    if (words.includes(word)) return word
    const near = nearest(word, words)
    if (near !== undefined) throw new Wrong(`${quote(word)} is not a value of it${didYouMean(word, words)}`)
    throw new Wrong(`takes one of ${words.join(', ')}`)
  }
}

export const text: Kind = (args) => args.join(' ')

/** `900 1`, several pairs in one line from 7.0 on, and `""` for never. */
export const savePoints: Kind = (args) => {
  if (args.length === 1 && args[0] === '') return ''
  if (args.length === 0 || args.length % 2 === 1 || !args.every((arg) => /^\d{1,10}$/.test(arg))) {
    throw new Wrong('takes pairs of seconds and changes: save 3600 1, or save "" for never')
  }
  return args.map(Number).join(' ')
}

/** `normal 0 0 0`: class, hard limit, soft limit, seconds; several classes in one line from 7.0 on. */
export const outputLimits: Kind = (args) => {
  const wrong = new Wrong('takes a class (normal, replica, pubsub), a hard limit, a soft limit and seconds: normal 0 0 0')
  if (args.length === 0 || args.length % 4 !== 0) throw wrong
  return Array.from({ length: args.length / 4 }, (_, i) => {
    const [name = '', hard = '', soft = '', seconds = ''] = args.slice(4 * i, 4 * i + 4)
    const known = { normal: 'normal', slave: 'slave', replica: 'slave', pubsub: 'pubsub' }[name.toLowerCase()]
    if (known === undefined) throw wrong
    return [known, bytes([hard]), bytes([soft]), integer([seconds])].join(' ')
  }).join(' ')
}

function one(args: readonly string[]): string {
  if (args.length !== 1) throw new Wrong('takes one value')
  return args[0]!
}
