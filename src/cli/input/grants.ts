// `--grant INSTANCE:OPERATIONS[@ENDPOINT]`: what a module may call in one run, nothing without one.
import type { ModuleGrant } from '../../fabric/index.ts'
import { FabricError } from '../../foundation/index.ts'

/** Endpoints begin with their scheme, so that an @ inside of one is no second. */
const FORM = /^([^:@\s]+):([^@\s]+?)(?:@(https?:\/\/\S+))?$/

export const readGrants = (texts: readonly string[]): ModuleGrant[] => texts.map(readGrant)

function readGrant(text: string): ModuleGrant {
  const [, instance, list, endpoint] = FORM.exec(text) ?? []
  const operations = (list ?? '').split(',')
  if (instance === undefined || operations.includes('')) {
    throw new FabricError(
      'IF_ERR_USAGE',
      `--grant expects INSTANCE:OPERATIONS[@ENDPOINT], got ${JSON.stringify(text)}`,
      {
        hint: "Such as desk:message.send,message.list or 'desk:message.*@https://api.example.com/v1/**'.",
      },
    )
  }
  return { instance, operations, ...(endpoint === undefined ? {} : { endpoints: [endpoint] }) }
}
