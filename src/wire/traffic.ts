/** What went over connections: commands, and bytes without what TLS adds. */
export interface Traffic {
  commands: number
  bytesSent: number
  bytesReceived: number
}

export function noTraffic(): Traffic {
  return { commands: 0, bytesSent: 0, bytesReceived: 0 }
}

export function sumOfTraffic(parts: readonly Traffic[]): Traffic {
  const sum = (of: (part: Traffic) => number) => parts.reduce((total, part) => total + of(part), 0)
  return {
    commands: sum(({ commands }) => commands),
    bytesSent: sum(({ bytesSent }) => bytesSent),
    bytesReceived: sum(({ bytesReceived }) => bytesReceived),
  }
}
