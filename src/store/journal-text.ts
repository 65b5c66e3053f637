// The text of journal rows and snapshot slices: one record a line, its parts apart by tabs. Keys hold no control
// characters and JSON text escapes them, so nothing needs quoting and a million records load in about a second.
//   journal row    FIRST-REVISION \n { KEY \t JSON \n | KEY \n }     revisions count up from the first
//   slice          { KEY \t REVISION \t JSON \n }
import type { RecordChange } from './records.ts'

export function journalText(changes: readonly RecordChange[], revision: number): string {
  let text = `${revision - changes.length + 1}\n`
  for (const change of changes)
    text += change.text === undefined ? `${change.key}\n` : `${change.key}\t${change.text}\n`
  return text
}

/** Undefined when the text is torn. */
export function parseJournal(text: string): { changes: RecordChange[]; revision: number } | undefined {
  const lines = text.split('\n')
  const first = Number(lines.shift())
  if (lines.pop() !== '' || !Number.isSafeInteger(first) || first < 1) return undefined
  const changes = lines.map((line, at) => {
    const tab = line.indexOf('\t')
    const revision = first + at
    if (tab < 0) return { key: ownCopy(line), text: undefined, revision }
    return { key: ownCopy(line.slice(0, tab)), text: ownCopy(line.slice(tab + 1)), revision }
  })
  return { changes, revision: first + changes.length - 1 }
}

export const sliceText = (records: readonly RecordChange[]): string =>
  records.map(({ key, revision, text }) => `${key}\t${revision}\t${text}\n`).join('')

/** Undefined when the text is torn. */
export function parseSlice(text: string): (RecordChange & { text: string })[] | undefined {
  const lines = text.split('\n')
  if (lines.pop() !== '') return undefined
  const records: (RecordChange & { text: string })[] = []
  for (const line of lines) {
    const first = line.indexOf('\t')
    const second = line.indexOf('\t', first + 1)
    if (first < 0 || second < 0) return undefined
    const revision = Number(line.slice(first + 1, second))
    records.push({ key: line.slice(0, first), text: line.slice(second + 1), revision })
  }
  return records
}

/** A piece of a string keeps the whole of it in memory; a journal row is mostly outdated, so its pieces are copied. */
const ownCopy = (piece: string): string => Buffer.from(piece).toString()
