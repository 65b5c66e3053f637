// What the documents say about themselves: links lead somewhere, and the two commands of the README are those that exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { commandsUnder } from '../../../src/cli/command-tree.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const FOLDERS = ['docs', 'examples']
const read = (path: string): string => readFileSync(path, 'utf8')

const documents = [
  ...readdirSync(ROOT).map((name) => join(ROOT, name)),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  ),
].filter((path) => path.endsWith('.md'))

/** What is shown as code links to nothing. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** As GitHub names a heading in an address. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchorsIn = (path: string): string[] =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''))

function problemOf(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : resolve(dirname(document), path)
  if (!existsSync(target)) return 'leads nowhere'
  if (anchor !== undefined && !anchorsIn(target).includes(anchor)) return 'names no heading'
  return undefined
}

it('every relative link of a document leads to a file, and its anchor to a heading', () => {
  const broken = documents.flatMap((document) =>
    [...prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link))
      .flatMap((link) => {
        const problem = problemOf(document, link)
        return problem ? [`${relative(ROOT, document)}: ${link} ${problem}`] : []
      }),
  )

  expect(broken).toEqual([])
})

it('the README opens with exactly two commands: the demo, and the tests as .ci/run runs them', () => {
  const commands = [...read(join(ROOT, 'README.md')).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) =>
    (match[1] ?? '').trim(),
  )
  const { bin, scripts } = z
    .object({ bin: z.record(z.string(), z.string()), scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read(join(ROOT, 'package.json'))))
  const ci = read(join(ROOT, '.ci/run')).trim().split('\n').at(-1)

  expect(commands).toEqual(['npm ci && npx ifab demo', 'npm ci && npm test'])
  expect(ci).toBe(commands[1])
  expect(bin).toHaveProperty('ifab')
  expect(scripts).toHaveProperty('test')
  expect(commandsUnder(['demo'])).toHaveLength(1)
})

it('every page of docs/ is reached from the README or from a page that it links', () => {
  const reached = new Set<string>()
  const follow = (document: string): void => {
    if (reached.has(document) || !document.endsWith('.md') || !existsSync(document)) return
    reached.add(document)
    for (const [, link = ''] of prose(read(document)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!/^[a-z]+:/.test(link)) follow(resolve(dirname(document), link.split('#')[0] ?? ''))
    }
  }
  follow(join(ROOT, 'README.md'))

  const lost = documents.filter((path) => path.startsWith(join(ROOT, 'docs')) && !reached.has(path))

  expect(lost.map((path) => relative(ROOT, path))).toEqual([])
})
