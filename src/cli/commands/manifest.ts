// ifab manifest: what a provider may do, as a file that is generated from its definition and signed. The private key is
// read from a file that the publisher keeps outside of every repository.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  formatManifest,
  generateManifest,
  type Manifest,
  manifestDifferences,
  manifestDigest,
  manifestSchema,
  signManifest,
  verifyManifest,
} from '../../adapter/index.ts'
import { FabricError, homeAt, readDocument } from '../../foundation/index.ts'
import { PROVIDERS } from '../../providers/index.ts'
import { readKeyFile } from '../input/key-file.ts'
import { unknownName } from '../input/operation.ts'
import { trustedKeys } from '../input/trusted-keys.ts'
import type { CommandHandler, Invocation } from '../invocation.ts'
import { counted } from '../output/phrases.ts'

interface Named {
  id: string
  /** Below the folder of manifests: `payment/stripe.yaml`. */
  file: string
  manifest: Manifest
}

export const manifestGenerateCommand: CommandHandler = async (invocation) => {
  await writeManifests(invocation, await generated(invocation.args))
  invocation.console.note('Next: ifab manifest sign --key FILE')
}

export const manifestSignCommand: CommandHandler = async (invocation) => {
  const path = invocation.flags.text('key')
  if (path === undefined)
    throw new FabricError('IF_ERR_USAGE', '--key FILE is needed', { next: 'ifab help manifest sign' })
  const key = await readKeyFile(path)
  const manifests = await generated(invocation.args)
  await writeManifests(
    invocation,
    manifests.map((named) => ({ ...named, manifest: signManifest(named.manifest, key) })),
  )
  invocation.console.note('Next: ifab manifest verify FILE')
}

export const manifestVerifyCommand: CommandHandler = async ({ args, console, flags, io }) => {
  const keys = await trustedKeys(homeAt(flags.text('home'), io.env).path)
  const verified = await Promise.all(
    args.map(async (file) => {
      const manifest = await readManifest(file)
      const { signedBy } = verifyManifest(manifest, keys)
      const [named] = await generated([idOf(manifest)])
      const differences = named ? manifestDifferences(manifest, named.manifest) : []
      if (named && manifestDigest(manifest) !== manifestDigest(named.manifest)) throw stale(file, differences[0]?.text)
      return { file, id: manifest.id, version: manifest.version, digest: manifestDigest(manifest), signedBy }
    }),
  )
  console.result(
    verified,
    verified
      .map(({ file, version, signedBy }) => `${console.out.good('✓')} ${file} ${version}, signed by ${signedBy}`)
      .join('\n'),
  )
}

export const manifestDiffCommand: CommandHandler = async ({ args, console }) => {
  const [file = ''] = args // required by the command tree
  const manifest = await readManifest(file)
  const [named] = await generated([idOf(manifest)])
  const differences = named ? manifestDifferences(manifest, named.manifest) : []
  const lines = differences.map(({ text, widens }) => `${widens ? console.out.warn('! widens') : '  '} ${text}`)
  console.result({ file, differences }, lines.length === 0 ? `${file} says what the definition says` : lines.join('\n'))
  if (lines.length > 0) console.note(`Next: ifab manifest sign ${idOf(manifest)} --key FILE`)
}

/** Unsigned manifests of the given providers, of all without a name. */
async function generated(ids: readonly string[]): Promise<Named[]> {
  const known = PROVIDERS.map(({ id }) => id)
  const wrong = ids.find((id) => !known.some((other) => other === id))
  if (wrong !== undefined) throw unknownName(wrong, known)
  const chosen = PROVIDERS.filter(({ id }) => ids.length === 0 || ids.includes(id))
  return Promise.all(
    chosen.map(async ({ id, category, load }) => ({
      id,
      file: `${category}/${id}.yaml`,
      manifest: generateManifest(await load(), `providers/${category}/${id}`),
    })),
  )
}

async function writeManifests({ flags, console }: Invocation, manifests: readonly Named[]): Promise<void> {
  const folder = flags.text('out')
  const documents = manifests.map(({ manifest }) => manifest)
  if (folder === undefined)
    return console.result(documents, manifests.map(({ manifest }) => formatManifest(manifest)).join('---\n'))
  for (const { file, manifest } of manifests) {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, formatManifest(manifest))
  }
  console.result(documents, `${console.out.good('✓')} wrote ${counted(manifests.length, 'manifest')} below ${folder}`)
}

const readManifest = async (file: string): Promise<Manifest> => (await readDocument(file, manifestSchema)).value

const idOf = ({ id }: Manifest): string => id.slice(id.lastIndexOf('/') + 1)

const stale = (file: string, first: string | undefined): FabricError =>
  new FabricError('IF_ERR_MANIFEST_UNTRUSTED', `${file}: not what the definition says${first ? ` (${first})` : ''}`, {
    next: `ifab manifest diff ${file}`,
  })
