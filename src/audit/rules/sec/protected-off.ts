import { z } from 'zod'
import { defineRule } from '../../rule.js'
import { exposureOf, isOpen, isProtected, listening } from '../exposure.js'

/**
 * Protected mode is the last net under a server without a password. That there is none is the error, and sec/nopass's to tell; this
 * tells of the net, as a warning, and alone where the ACL can't be read.
 */
export const rule = defineRule({
  id: 'sec/protected-off',
  severity: 'warning',
  summary: 'Protected mode is off or without effect, and other machines reach a server without a password',
  needs: ['config'],
  wants: ['acl', 'server'],
  scope: 'node',
  options: z.strictObject({}),
  check({ config, acl, server }) {
    const exposure = exposureOf(config, server)
    if (exposure === undefined || exposure === 'loopback' || isProtected(config, server) !== false) return []
    const needsPassword = acl && !isOpen(acl)
    // Protected mode acts only while `default` is open.
    if (needsPassword) return []
    const ineffective = config.get('protected-mode') !== 'no'
    const what = ineffective ? 'has no effect, because bind is set (before 7.0),' : 'is off'
    return [
      {
        about: 'protected-mode',
        message: `${what} while the server listens ${listening(exposure)}${acl ? ': nothing is left behind a default user that needs no password (sec/nopass)' : ''}`,
        evidence: { exposure, bind: config.get('bind') ?? '', defaultUserOpen: acl ? true : 'unknown' },
        remedy: acl
          ? 'Set a password for the default user first: until then, protected mode turns away every client on another machine.'
          : 'Make sure that the default user needs a password; the ACL could not be read.',
        commands: [
          'redis-cli CONFIG SET requirepass a-long-random-password',
          ...(ineffective ? [] : ['redis-cli CONFIG SET protected-mode yes']),
        ],
        at: { parameter: 'protected-mode' },
      },
    ]
  },
  blind: ({ config, server }) =>
    exposureOf(config, server) === undefined
      ? { kind: 'not assessed', why: 'the configuration does not tell where the server listens' }
      : undefined,
})
