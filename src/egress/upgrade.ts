// What it means when a host answers the opening of a websocket with plain HTTP.
import type { IncomingMessage } from 'node:http'
import { type ErrorCode, FabricError } from '../foundation/index.ts'

export function refusedUpgrade(response: IncomingMessage, host: string): FabricError {
  const status = response.statusCode ?? 0
  response.destroy()
  return new FabricError(
    codeOf(status),
    `${host} answered ${status} instead of opening the websocket${pointing(response)}`,
    {
      details: { host, status },
    },
  )
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'IF_ERR_AUTH_FAILED'
  if (status === 429) return 'IF_ERR_RATE_LIMIT_EXCEEDED'
  return status >= 500 ? 'IF_ERR_PROVIDER_UNAVAILABLE' : 'IF_ERR_BAD_RESPONSE'
}

/** Host only: the rest of the address may echo a secret. */
function pointing({ headers }: IncomingMessage): string {
  const location = headers.location ?? ''
  return URL.canParse(location) ? ` and points to ${new URL(location).host}` : ''
}
