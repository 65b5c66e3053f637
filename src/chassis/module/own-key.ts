// The operator's own signing key: made at first use, readable by its owner only, and trusted in this home alone. Of two
// processes that make it at the same moment one wins and both use the winner's. The trust file keeps what stands in it,
// comments too.
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { rawPublicKey, trustSchema } from '../../adapter/index.ts'
import { FabricError, parseDocumentText } from '../../foundation/index.ts'

export interface OwnKey {
  /** PKCS #8 PEM, Ed25519. */
  pem: string
  /** The name under which this home trusts it. */
  name: string
  path: string
  trustFile: string
}

const OTHERS = 0o077
const NAME = 'operator'

/** The key of the home, made and trusted now where it is not. IF_ERR_HOME_UNUSABLE, or what is wrong with its files. */
export async function ownKey(homePath: string): Promise<OwnKey> {
  const path = join(homePath, 'keys', 'operator.ed25519.pem')
  const trustFile = join(homePath, 'trust', 'keys.yaml')
  const pem = (await readKey(path)) ?? (await createKey(path))
  return { pem, path, trustFile, name: await trusted(trustFile, rawPublicKey(createPrivateKey(pem))) }
}

async function readKey(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(absentAt(path))
  if (!facts) return undefined
  if ((facts.mode & OTHERS) !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, '0')
    throw unusable(path, `others can read it (mode ${mode})`, `Run: chmod 600 ${path}`)
  }
  const pem = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unusable(path, `it cannot be read (${cause.code})`, 'Run as the user who owns the file.')
  })
  if (isEd25519(pem)) return pem
  const hint = 'Restore the file from a backup, or remove it; what it signed is then built and signed anew.'
  throw unusable(path, 'it is not an Ed25519 private key in PEM', hint)
}

async function createKey(path: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  await place(path, pem, { replace: false })
  const created = await readKey(path)
  if (created !== undefined) return created
  throw unusable(path, 'it vanished right after it was made', 'Try again.')
}

/** Tries of changing a file that others change too. */
const TRIES = 10

/** Adds the key where it is not; the name it is trusted under. */
async function trusted(trustFile: string, publicKey: string): Promise<string> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await readFile(trustFile, 'utf8').catch(absentAt(trustFile))
    const keys = before === undefined ? [] : parseDocumentText(before, trustSchema, trustFile).value.keys
    const known = keys.find((key) => key.publicKey === publicKey)
    if (known) return known.name
    const name = freeName(keys.map((key) => key.name))
    const entry = { name, algorithm: 'ed25519', publicKey }
    if (before === undefined) await place(trustFile, withKey(HEAD, entry), { replace: false })
    else if ((await readFile(trustFile, 'utf8').catch(absentAt(trustFile))) === before)
      await place(trustFile, withKey(before, entry), { replace: true })
  }
  throw unusable(trustFile, 'it changes all the time', 'Try again once nobody else edits it.')
}

const HEAD = `# Keys whose signatures on modules and manifests are trusted in this home.
version: 1
keys: []
`

function withKey(text: string, entry: Record<string, string>): string {
  const document = parseDocument(text)
  document.addIn(['keys'], document.createNode(entry))
  const keys = document.get('keys', true)
  if (text === HEAD && keys && typeof keys === 'object' && 'flow' in keys) keys.flow = false
  return document.toString({ lineWidth: 0 })
}

function freeName(taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? NAME : `${NAME}-${number}`
    if (!taken.includes(name)) return name
  }
}

/** Writes the whole file beside its place first. Without `replace` a file that is there stays. */
async function place(path: string, text: string, { replace }: { replace: boolean }): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await chmod(draft, 0o600) // a strange umask or an inherited ACL must not widen it
    if (replace) await rename(draft, path)
    else
      await link(draft, path).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'EEXIST') throw thrown
      })
  } catch (thrown) {
    throw new FabricError(
      'IF_ERR_HOME_UNUSABLE',
      `${path} can't be written (${(thrown as NodeJS.ErrnoException).code})`,
      {
        hint: `Make ${dirname(path)} writable for this user.`,
        details: { file: path },
        cause: thrown,
      },
    )
  } finally {
    await rm(draft, { force: true }).catch(() => undefined) // there is none where the folder can't be written
  }
}

function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'ed25519'
  } catch {
    return false // the parser's words may quote the key
  }
}

const absentAt =
  (path: string) =>
  ({ code }: NodeJS.ErrnoException): undefined => {
    if (code !== 'ENOENT')
      throw unusable(path, `it cannot be read (${code})`, 'See that IFAB_HOME is a folder of this user.')
  }

const unusable = (path: string, problem: string, hint: string): FabricError =>
  new FabricError('IF_ERR_HOME_UNUSABLE', `${path}: ${problem}`, { hint, details: { file: path } })
