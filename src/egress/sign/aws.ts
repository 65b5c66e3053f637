// AWS Signature Version 4 by AWS's own signer. S3 signs the path as it leaves and the digest of the body in a header of
// its own; every other service signs the path encoded once more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { FilledRequest } from '../fill.ts'
import { openSecret, orMissing } from '../open-secret.ts'
import type { AwsRecipe } from '../port.ts'
import type { Signing } from './signing.ts'

export async function signAws(
  recipe: AwsRecipe,
  { method, origin, filled, context, nowMs }: Signing,
): Promise<FilledRequest> {
  const sessionToken =
    recipe.sessionToken === undefined ? undefined : await orMissing(openSecret(recipe.sessionToken, context))
  const isS3 = recipe.service === 's3'
  const signer = new SignatureV4({
    service: recipe.service,
    region: recipe.region,
    credentials: {
      accessKeyId: await openSecret(recipe.accessKeyId, context),
      secretAccessKey: await openSecret(recipe.secretAccessKey, context),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    sha256: Sha256,
    uriEscapePath: !isS3,
    applyChecksum: isS3,
  })
  const { protocol, hostname, host } = new URL(origin)
  // Some servers read a plus sign as a space; written as a code it can only be one.
  const query = filled.query.replaceAll('+', '%2B')
  const signed = await signer.sign(
    {
      method,
      protocol,
      hostname,
      path: filled.path,
      query: parametersOf(query),
      headers: { ...filled.headers, host },
      body: filled.body,
    },
    { signingDate: new Date(nowMs) },
  )
  const { host: _host, ...headers } = lowerCase(signed.headers)
  return { ...filled, query, headers }
}

/** Decoded, in lists where a name repeats. */
function parametersOf(query: string): Record<string, string | string[]> {
  const parameters = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(query)) parameters.set(name, [...(parameters.get(name) ?? []), value])
  return Object.fromEntries(parameters)
}

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** The digest that the signer computes with: keyed where it gives a key. */
class Sha256 {
  readonly #start: () => ReturnType<typeof createHash> | ReturnType<typeof createHmac>
  #running: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#start = () => (key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key)))
    this.#running = this.#start()
  }

  update(piece: string | ArrayBuffer | ArrayBufferView): void {
    this.#running.update(bytesOf(piece))
  }

  async digest(): Promise<Uint8Array> {
    return this.#running.digest()
  }

  reset(): void {
    this.#running = this.#start()
  }
}

function bytesOf(source: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof source === 'string') return Buffer.from(source, 'utf8')
  return ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer, source.byteOffset, source.byteLength)
    : Buffer.from(source)
}
