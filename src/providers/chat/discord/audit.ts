// The reason that the audit log of a server shows beside an act.
import { type RequestParts, z } from '../../../adapter/index.ts'

export const reason = z.string().min(1).max(512).optional().describe('For the audit log of the server.')

/** Percent-encoded, as the header takes no other characters (docs.discord.com/developers/resources/audit-log). */
export const audited = (text: string | undefined): RequestParts =>
  text === undefined ? {} : { headers: { 'X-Audit-Log-Reason': encodeURIComponent(text) } }
