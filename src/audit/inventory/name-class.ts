import { NAME_CLASSES, type NameClass } from '../../schema/project.js'

/** Words of names that say what a key is; in the singular, in lower case. */
const WORDS = {
  lock: ['lock', 'mutex', 'semaphore', 'redlock', 'lck'],
  'rate-limit': ['ratelimit', 'ratelimiter', 'limiter', 'throttle', 'throttler', 'rate', 'rl', 'rlflx'],
  token: ['token', 'otp', 'totp', '2fa', 'mfa', 'csrf', 'xsrf', 'nonce', 'jwt', 'captcha', 'verification', 'magiclink'],
  session: ['session', 'sess', 'sid'],
  cache: ['cache', 'cached', 'memo', 'memoize', 'fragment'],
  queue: ['queue', 'job', 'task', 'dlq', 'outbox', 'inbox', 'worker'],
  stream: ['stream'],
  leaderboard: ['leaderboard', 'ranking', 'rank', 'highscore', 'toplist'],
  counter: ['counter', 'count', 'hit', 'view', 'visit', 'stat', 'tally'],
} satisfies Record<NameClass, readonly string[]>

const CLASS_OF = new Map(NAME_CLASSES.flatMap((name) => WORDS[name].map((word): [string, NameClass] => [word, name])))

/** What a name looks like, from its literal tokens: by the first word that says it, but a lock is one wherever the name says so. */
export function nameClass(tokens: readonly string[]): NameClass | undefined {
  const words = tokens.flatMap(wordsOf)
  const classes = words.map((word, i) => classOf(word, words[i - 1], words[i + 1]))
  return classes.includes('lock') ? 'lock' : classes.find((found) => found !== undefined)
}

/** `userSessions` is two words, of which the second is in the plural; `2FA` and `OTP` are one each. */
function wordsOf(token: string): string[] {
  return token
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
}

function classOf(word: string, before: string | undefined, after: string | undefined): NameClass | undefined {
  const singular = word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
  // A credit limit is none: a limit is one of rates when it comes first, or beside what is limited.
  if (singular === 'limit')
    return before === undefined || LIMITED.has(before) || (after !== undefined && LIMITED.has(after)) ? 'rate-limit' : undefined
  if (singular === 'rate') return before === undefined || after === 'limit' || after === 'limiter' ? 'rate-limit' : undefined
  return CLASS_OF.get(word) ?? CLASS_OF.get(singular)
}

const LIMITED = new Set(['rate', 'api', 'login', 'request', 'requests', 'req', 'ip', 'attempt', 'attempts', 'throttle'])

/** What should expire. */
const TEMPORARY: ReadonlySet<NameClass> = new Set(['lock', 'token', 'session', 'cache', 'rate-limit'])

export const isTemporary = (looksLike: NameClass | undefined) => looksLike !== undefined && TEMPORARY.has(looksLike)
