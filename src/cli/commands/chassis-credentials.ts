// ifab chassis credentials: scoped credentials that stand now, and the end of one before its time.

import type { CredentialView, Fabric } from '../../fabric/index.ts'
import { didYouMean, FabricError, shortId } from '../../foundation/index.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { validityText } from '../output/phrases.ts'
import { shellWord } from '../output/shell-words.ts'
import { table } from '../output/table.ts'
import { taskName } from '../output/task-text.ts'

export const chassisCredentialsCommand: CommandHandler = async (invocation) => {
  const { flags, console, io } = invocation
  const reference = flags.text('revoke')
  const fabric = await invocation.fabric()
  if (reference !== undefined) return revoke(invocation, fabric, reference)
  const credentials = await fabric.credentials()
  const rows = credentials.map((credential) => [
    console.out.strong(credentialName(credential)),
    credential.holder,
    `${credential.instance}: ${credential.operations.join(', ')}`,
    credential.endpoints.join(', '),
    credential.task === null ? '' : `task ${taskName(credential.task)}`,
    validityText(credential.expiresAt, io.now()),
  ])
  console.result(credentials, rows.length === 0 ? 'no credential stands' : table(rows))
  const [first] = credentials
  if (first) console.note(`Next: ifab chassis credentials --revoke ${shellWord(credentialName(first))} --why '…'`)
}

async function revoke({ console }: Invocation, fabric: Fabric, reference: string): Promise<void> {
  const credential = credentialOf(await fabric.credentials(), reference)
  await fabric.revokeCredential(credential.id)
  const { holder, instance, operations } = credential
  console.result(
    { revoked: credential.id, holder, instance, operations },
    `${console.out.good('✓')} ${holder} may no longer use ${instance} (${operations.join(', ')})`,
  )
  console.note('Next: ifab chassis credentials')
}

/** As lists show it. */
export const credentialName = ({ id }: CredentialView): string => shortId(id)

/** By id, a unique piece of it. */
function credentialOf(credentials: readonly CredentialView[], reference: string): CredentialView {
  const exact = credentials.filter(({ id }) => id === reference)
  const fitting =
    exact.length > 0 || reference === ''
      ? exact
      : credentials.filter(({ id }) => id.toLowerCase().includes(reference.toLowerCase()))
  const [only, second] = fitting
  if (only && !second) return only
  if (second) {
    throw new FabricError('IF_ERR_NOT_FOUND', `${reference} names more than one credential`, {
      hint: 'Write more of the id.',
      next: 'ifab chassis credentials --json',
    })
  }
  throw new FabricError('IF_ERR_NOT_FOUND', `no credential ${JSON.stringify(reference)} stands; it may have expired`, {
    hint: didYouMean(reference, credentials.map(credentialName)) ?? 'What has ended needs no revoking.',
    next: 'ifab chassis credentials',
  })
}
