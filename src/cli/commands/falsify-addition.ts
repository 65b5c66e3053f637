// ifab provider add --mode=falsify: would this addition work? Looks at names, settings and where secrets would come from;
// adds nothing and sends nothing.
import { access } from 'node:fs/promises'
import type { AddInstance, Finding, ProviderDetail, SecretInput } from '../../fabric/index.ts'
import type { Invocation } from '../invocation.ts'
import { showFindings } from './falsify.ts'

export async function falsifyAddition(
  invocation: Invocation,
  provider: ProviderDetail,
  addition: AddInstance,
): Promise<number> {
  const name = addition.name ?? provider.id
  const instances = await (await invocation.fabric()).instances()
  const taken = instances.some((instance) => instance.name === name)
  const finding = (assumption: Finding['assumption'], holds: boolean, text: string, next?: string): Finding => ({
    assumption,
    step: null,
    instance: name,
    holds,
    text,
    ...(next ? { next } : {}),
  })
  const settings = provider.settings.filter(({ default: value }) => value === null)
  const secrets = addition.twin === undefined ? provider.secrets.filter(({ required }) => required) : []
  const findings = [
    finding(
      'references',
      !taken,
      taken ? 'an instance of this name exists' : 'the name is free',
      `ifab provider add ${provider.id} --as ${name}-2`,
    ),
    ...settings.map(({ name: setting, description }) =>
      addition.settings?.[setting] === undefined
        ? finding('schema', false, `setting ${setting} is missing: ${description}`, `--set ${setting}=…`)
        : finding('schema', true, `setting ${setting} is given`),
    ),
    ...(await Promise.all(
      secrets.map(async ({ name: key }) => {
        const problem = await problemOf(addition.secrets?.[key], invocation)
        return finding(
          'credential',
          problem === undefined,
          problem === undefined ? `${key} is there` : `${key} ${problem}`,
          `--secret ${key}=env:${key}`,
        )
      }),
    )),
  ]
  return showFindings(invocation, findings, { provider: provider.id, instance: name })
}

/** Why a secret would not be there when it is needed. */
async function problemOf(secret: SecretInput | undefined, { io, canAsk }: Invocation): Promise<string | undefined> {
  if (!secret) return canAsk ? undefined : 'is not given, and nobody can be asked'
  if (secret.kind === 'value') return undefined
  if (secret.kind === 'env')
    return io.env[secret.variable] ? undefined : `refers to env:${secret.variable}, which is not set`
  return access(secret.path).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => `refers to file:${secret.path}, which cannot be read (${error.code})`,
  )
}
