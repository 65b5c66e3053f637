// ifab witness: the signed log. log shows it, verify checks it, export hands it on.
import { type FileHandle, open } from 'node:fs/promises'
import { FabricError, type JsonObject } from '../../foundation/index.ts'
import type { CommandHandler } from '../invocation.ts'
import { counted } from '../output/phrases.ts'
import { table } from '../output/table.ts'

export const witnessLogCommand: CommandHandler = async ({ fabric, args, flags, console }) => {
  const opened = await fabric()
  const [number] = args
  if (number !== undefined) {
    const entry = await firstOf(opened.witnessEntries({ from: sequenceOf(number), limit: 1 }))
    if (!entry || entry.seq !== sequenceOf(number)) {
      throw new FabricError('IF_ERR_NOT_FOUND', `the witness log has no entry #${number}`, { next: 'ifab witness log' })
    }
    return console.result(entry, JSON.stringify(entry, null, 2))
  }
  const run = flags.text('run')
  const runId = run === undefined ? undefined : (await opened.run(run)).id
  const entries: JsonObject[] = []
  const limit = flags.count('limit') ?? 20
  const options = { reverse: true, limit, ...(runId === undefined ? {} : { run: runId }) }
  for await (const entry of opened.witnessEntries(options)) entries.push(entry)
  console.result(entries, entries.length === 0 ? 'the witness log is empty' : table(entries.map(entryRow)))
  console.note('Next: ifab witness verify')
}

const sequenceOf = (text: string): number => {
  const digits = text.replace(/^#/, '')
  if (/^\d{1,15}$/.test(digits)) return Number(digits)
  throw new FabricError('IF_ERR_USAGE', `${JSON.stringify(text)} is not a sequence number`)
}

async function firstOf(entries: AsyncIterable<JsonObject>): Promise<JsonObject | undefined> {
  for await (const entry of entries) return entry
  return undefined
}

/** Number, time and kind first, then what it is about, as far as the entry says so. */
function entryRow(entry: JsonObject): string[] {
  const text = (name: string) =>
    typeof entry[name] === 'string' || typeof entry[name] === 'number' ? String(entry[name]) : ''
  return [
    `#${text('seq')}`,
    text('at'),
    text('kind') || text('type'),
    text('actor'),
    text('instance'),
    text('operation'),
    text('outcome'),
    text('why'),
  ]
}

export const witnessVerifyCommand: CommandHandler = async ({ fabric, console }) => {
  const report = await (await fabric()).verifyWitness()
  if (report.ok) {
    return console.result(
      report,
      `${console.out.good('✓')} witness verified: ${counted(report.size, 'entry').replace('entrys', 'entries')}, root ${report.root}, signed by ${report.origin}`,
    )
  }
  const problems = report.problems.map(
    ({ seq, kind, message }) => `✗ ${seq === undefined ? '' : `#${seq} `}${kind}: ${message}`,
  )
  console.result(report, problems.join('\n'))
  throw new FabricError(
    'IF_ERR_VERIFY_FAILED',
    `the witness log does not verify: ${report.problems[0]?.message ?? 'no reason given'}`,
    {
      hint: 'Somebody or something changed the log. Keep the home as it is and compare it with a copy.',
      details: { problems: report.problems },
    },
  )
}

export const witnessExportCommand: CommandHandler = async ({ fabric, flags, console }) => {
  const opened = await fabric()
  const path = flags.text('out')
  if (path === undefined) {
    for await (const entry of opened.witnessEntries()) console.jsonLine(entry)
    return
  }
  const file = await createFile(path)
  try {
    let count = 0
    for await (const entry of opened.witnessEntries()) {
      await file.write(`${JSON.stringify(entry)}\n`)
      count += 1
    }
    await file.sync()
    console.result({ file: path, entries: count }, `${console.out.good('✓')} wrote ${count} entries to ${path}`)
  } finally {
    await file.close()
  }
}

/** Never over an existing file: it may be the older export that somebody wants to compare. */
const createFile = (path: string): Promise<FileHandle> =>
  open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'EEXIST' ? 'exists already' : `cannot be written (${cause.code})`
    throw new FabricError('IF_ERR_USAGE', `--out ${path}: the file ${problem}`, { cause })
  })
