/** The name of the audit's own connections (CLIENT SETNAME), by which its own traffic is told from everybody's. */
export const OWN_NAME = 'redline-audit'
