/** What a scan sent and got. */
export interface Traffic {
  commands: number
  bytesSent: number
  bytesReceived: number
}

export function noTraffic(): Traffic {
  return { commands: 0, bytesSent: 0, bytesReceived: 0 }
}
