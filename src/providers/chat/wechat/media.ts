// Files at WeChat: four kinds, each with its formats, kept for three days.
import { type JsonObject, knownExtras, type MultipartPart, unsupported, z } from '../../../adapter/index.ts'

export const MEDIA_KINDS = ['image', 'voice', 'video', 'thumb'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

interface GivenFile {
  name: string
  text?: string | undefined
  base64?: string | undefined
  contentType?: string | undefined
}

/** The formats that developers.weixin.qq.com/doc/service/api/material/temporary names, by the end of the file's name. */
const BY_ENDING: Readonly<Record<string, { kind: MediaKind; contentType: string }>> = {
  png: { kind: 'image', contentType: 'image/png' },
  jpg: { kind: 'image', contentType: 'image/jpeg' },
  jpeg: { kind: 'image', contentType: 'image/jpeg' },
  gif: { kind: 'image', contentType: 'image/gif' },
  amr: { kind: 'voice', contentType: 'audio/amr' },
  mp3: { kind: 'voice', contentType: 'audio/mpeg' },
  mp4: { kind: 'video', contentType: 'video/mp4' },
}

const ofEnding = ({ name }: GivenFile) => {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined
}

/** `native.type` decides, then the content type, then the end of the name. */
export function kindOf(file: GivenFile, native: JsonObject | undefined): MediaKind {
  const { type } = knownExtras(native, ['type'])
  const asked = z.enum(MEDIA_KINDS).optional().safeParse(type)
  const family = /^(image|audio|video)\//.exec(file.contentType ?? '')?.[1]
  const byType = family === 'audio' ? 'voice' : (family as 'image' | 'video' | undefined) // the pattern has no others
  const kind = asked.success ? (asked.data ?? byType ?? ofEnding(file)?.kind) : undefined
  if (kind) return kind
  throw unsupported(
    `file: WeChat takes no ${JSON.stringify(file.name)} of this kind`,
    'Give a picture (png, jpg, gif), a recording (amr, mp3) or a film (mp4), or say native.type: image, voice, video, thumb.',
  )
}

export const mediaPart = (file: GivenFile): MultipartPart => ({
  name: 'media',
  filename: file.name,
  value: file.text ?? Buffer.from(file.base64 ?? '', 'base64'),
  contentType: file.contentType ?? ofEnding(file)?.contentType ?? 'application/octet-stream',
})

/** The name of the id in the answer differs for thumbs. */
export const uploaded = z
  .object({ media_id: z.string().optional(), thumb_media_id: z.string().optional() })
  .transform(({ media_id, thumb_media_id }) => media_id ?? thumb_media_id)
  .pipe(z.string())

/** The bytes, or for a film the address from which it can be taken. */
export function mediaOf(base64: string, contentType: string | null): { base64: string; videoUrl: string | null } {
  if (!/json|text\/plain/.test(contentType ?? '')) return { base64, videoUrl: null }
  const told = z.object({ video_url: z.string() }).safeParse(tryJson(Buffer.from(base64, 'base64').toString('utf8')))
  return told.success ? { base64: '', videoUrl: told.data.video_url } : { base64, videoUrl: null }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a text file is no answer about a film
  }
}
