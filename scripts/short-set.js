/*
 * The scenarios that npm start and npm test run, a kind each: so many that their table shows what redline does, so few that it takes half a
 * minute however many scenarios there are.
 */
export const SHORT_SET = [
  'strings/session-setex',
  'hashes/profile-read',
  'sorted-sets/leaderboard',
  'streams/orders',
  'operations/pipelining',
]
