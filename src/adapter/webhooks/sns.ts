// Amazon SNS: a message signed by the certificate that it points at, on a host of SNS. Version 1 is SHA-1, 2 is SHA-256.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
import { verify } from 'node:crypto'
import { HookFault, joinParts, memberAt } from './part.ts'
import type { ProofFacts } from './proof.ts'
import { publishedKey } from './published.ts'
import type { HookScheme } from './scheme.ts'

const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

export async function verifySns(
  { keys, topic }: Extract<HookScheme, { scheme: 'sns' }>,
  facts: ProofFacts,
): Promise<void> {
  const { body } = facts.delivery
  const text = (name: string): string | undefined => {
    const value = memberAt(body, name)
    return typeof value === 'string' ? value : undefined
  }
  const type = text('Type')
  const isConfirmation = type === 'SubscriptionConfirmation' || type === 'UnsubscribeConfirmation'
  if (!isConfirmation && type !== 'Notification') throw new HookFault('it is no message of SNS')
  const hash = { '1': 'sha1', '2': 'sha256' }[text('SignatureVersion') ?? '']
  if (hash === undefined) throw new HookFault('its SignatureVersion is unknown')
  if (topic && text('TopicArn') !== joinParts(topic, facts).toString('utf8'))
    throw new HookFault('it is of another topic')
  const url = text('SigningCertURL')
  if (url === undefined) throw new HookFault('it does not say where its certificate is')
  const key = await publishedKey(keys, { url }, facts)
  const signed = (isConfirmation ? CONFIRMATION : NOTIFICATION).flatMap((name) => {
    const value = text(name)
    return value === undefined ? [] : [`${name}\n${value}\n`]
  })
  const signature = Buffer.from(text('Signature') ?? '', 'base64')
  if (key.asymmetricKeyType === 'rsa' && verify(hash, Buffer.from(signed.join('')), key, signature)) return
  throw new HookFault('its signature is not of this content and key')
}
