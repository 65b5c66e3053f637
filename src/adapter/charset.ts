// The text of an answer that is not UTF-8. Only charsets in which ASCII stands for itself are read: the door has scrubbed
// the bytes for secrets, and in any other charset a secret would have looked different to it.
import type { IncomingResponse } from '../egress/index.ts'

const READ =
  /^(?:utf-?8|us-ascii|iso-8859-\d{1,2}|latin1|windows-125\d|windows-874|gbk|gb2312|gb18030|big5|euc-kr|euc-jp|shift[-_]jis|koi8-[ru])$/

/**
 * The body as text by the charset that its content type names, else by `declared`, else as UTF-8; undefined where it is
 * one that is not read, or where the bytes are not of it.
 */
export function answerText(response: IncomingResponse, declared?: string): string | undefined {
  const { headers, text, body } = response
  const named = (/;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? declared)?.toLowerCase()
  const isUtf8 = named === undefined || /^(?:utf-?8|us-ascii)$/.test(named)
  // What the door decoded is right unless bytes had to be replaced.
  if (isUtf8) return text.includes('\ufffd') ? decodedBy('utf-8', body) : text
  return READ.test(named) ? decodedBy(named, body) : undefined
}

function decodedBy(charset: string, body: Uint8Array): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body)
  } catch {
    return undefined // an unknown charset, or bytes that are not of it; the caller says what that means
  }
}
