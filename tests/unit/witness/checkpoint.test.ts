import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCheckpoint, signCheckpoint } from '../../../src/witness/checkpoint.ts'
import { logIdentity, noteKeyId, parseVerifierKey, verifierKey } from '../../../src/witness/log-identity.ts'

// A fixed key, so that the exact text of a checkpoint is pinned: formats must not move.
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
})
const identity = logIdentity(createPublicKey(privateKey))
const head = { size: 8, root: Buffer.from('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328', 'hex') }
const note = signCheckpoint(head, identity, privateKey)

test('has the text that the formats tlog-checkpoint and signed-note prescribe', () => {
  const [origin, size, root, blank, signature, end] = note.split('\n')

  expect(origin).toMatch(/^infrafabric\.local\/[0-9a-f]{16}$/)
  expect([size, blank, end]).toEqual(['8', '', ''])
  expect(root).toBe('XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=')
  expect(signature?.startsWith(`— ${origin} `)).toBe(true)
  expect(Buffer.from(signature?.split(' ')[2] ?? '', 'base64')).toHaveLength(68)
  expect(note).toMatchInlineSnapshot(`
    "infrafabric.local/fe812c12f3ab4ce6
    8
    XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

    — infrafabric.local/fe812c12f3ab4ce6 CJryv0NgBnzxeVbRhHhVNV8/HCCFubKRO1IDJdCktTfBUB01Vv6zO68+vkI9Bx3rdKzhmqN63XSpCWMbrgKtsXvF4gE=
    "
  `)
})

test("derives the key id as signed notes do, shown on the example key of Go's note package", () => {
  const [name = '', id, encoded = ''] = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'.split('+')

  expect(noteKeyId(name, Buffer.from(encoded, 'base64').subarray(1)).toString('hex')).toBe(id)
})

test('reads back as the head that was signed', () => {
  expect(readCheckpoint(note, identity)).toEqual(head)
})

test('is read beside signatures of other keys', () => {
  const other = `— witness.example/w1 ${Buffer.alloc(76, 1).toString('base64')}\n`

  expect(readCheckpoint(note + other, identity)).toEqual(head)
})

test('is refused when any one of its bytes was changed', () => {
  const bytes = Buffer.from(note)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const forged = Buffer.from(bytes)
      forged[at] = (forged[at] ?? 0) ^ mask

      expect(typeof readCheckpoint(forged.toString('utf8'), identity)).toBe('string')
    }),
    { numRuns: 400 },
  )
})

describe('says why', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey
  test.each([
    ['nothing at all', '', /not a signed note/],
    ['another log', note.replace(/^infrafabric\.local\/./, 'infrafabric.local/x'), /is of the log/],
    ['a size with a leading zero', note.replace('\n8\n', '\n08\n'), /size or root/],
    ['a root that is too short', note.replace('XcnaeacG', ''), /size or root/],
    ['no signature of the key', note.replace(/— .*\n$/, '— other.example AAAAAAA=\n'), /no signature/],
    ['a broken signature line', note.replace('— ', '- '), /malformed/],
    ['a signature by another key', signCheckpoint(head, identity, stranger), /not the log key's/],
  ])('%s is none', (_, forged, why) => {
    expect(readCheckpoint(forged, identity)).toMatch(why)
  })
})

describe('a verifier key', () => {
  test('reads back as the identity that it names', () => {
    expect(parseVerifierKey(verifierKey(identity), 'k').origin).toBe(identity.origin)
  })

  test.each([
    '',
    'a+b+c',
    verifierKey(identity).replace('+', '+0'),
    verifierKey(identity).replace('local/', 'local/0'),
  ])('that is malformed or renamed is refused: %j', (text) => {
    expect(() => parseVerifierKey(text, 'keys/w.pub')).toThrow(/keys\/w\.pub: expected one verifier key/)
  })

  test('of another kind than ed25519 is refused', () => {
    const { publicKey } = generateKeyPairSync('x25519')

    expect(() => logIdentity(publicKey)).toThrow(/ed25519/)
  })
})
