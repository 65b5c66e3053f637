// Files of Slack's twin: an address that takes bytes once, and a file once it was completed.
import type { JsonObject, JsonValue, TwinAnswer, TwinCall } from '../../../adapter/index.ts'
import { BOT, channelOf, keyOf, nextTs, ok, parametersOf, refuse, text } from './twin-workspace.ts'

const numberOf = ({ nextId }: TwinCall): string => (/\d+$/.exec(nextId('f'))?.[0] ?? '1').padStart(5, '0')

export function giveUploadUrl(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const filename = text(given.filename)
  const length = Number(text(given.length))
  if (!filename || !Number.isInteger(length) || length <= 0) return refuse('invalid_arguments')
  const number = numberOf(call)
  const token = `CwABAAAAXAoAA${number}`
  call.state('uploads').set(token, { id: `F0TWIN${number}`, filename, length, received: false })
  // Its own address: Slack's client goes wherever the answer points.
  const host = call.headers.host ?? 'files.slack.com'
  return ok({ upload_url: `http://${host}/upload/v1/${token}`, file_id: `F0TWIN${number}` })
}

export function takeUpload({ path, bytes, headers, state }: TwinCall): TwinAnswer {
  const token = path.token ?? ''
  const upload = state('uploads').get(token)
  if (!upload || upload.received === true) return { status: 404, body: 'not_found' }
  const { length } = fileIn(bytes, headers['content-type'])
  if (length !== upload.length) return { status: 400, body: 'length_mismatch' }
  state('uploads').set(token, { ...upload, received: true })
  return { body: `OK - ${length}` }
}

/** Slack takes the bytes as they are, or as the only part of a multipart body, as its own client sends them. */
function fileIn(bytes: Uint8Array, contentType = ''): Uint8Array {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(contentType)?.[1]
  if (boundary === undefined) return bytes
  const body = Buffer.from(bytes)
  const from = body.indexOf('\r\n\r\n')
  const until = body.indexOf(`\r\n--${boundary}`, from)
  return from < 0 || until < 0 ? new Uint8Array() : body.subarray(from + 4, until)
}

export function completeUpload(call: TwinCall): TwinAnswer {
  const given = parametersOf(call)
  const wanted = filesIn(given.files)
  if (wanted === undefined || wanted.length === 0) return refuse('invalid_arguments')
  const uploads = [...call.state('uploads').values()]
  const found = wanted.map(({ id, title }) => ({ title, upload: uploads.find((upload) => upload.id === id) }))
  if (found.some(({ upload }) => upload?.received !== true)) return refuse('file_not_found')
  const to = text(given.channel_id)
  const channel = to ? channelOf(call, to) : undefined
  if (to && channel === undefined) return refuse('channel_not_found')
  const files = found.map(({ title, upload = {} }) => {
    const id = text(upload.id)
    const file = {
      id,
      title: text(title) || text(upload.filename),
      permalink: `https://twin.slack.com/files/${BOT.user}/${id}/${text(upload.filename)}`,
    }
    call.state('files').set(id, file)
    return file
  })
  if (channel !== undefined) share(call, { channel, files, given })
  return ok({ files })
}

/** The message by which files are seen in a channel. */
function share(
  call: TwinCall,
  { channel, files, given }: { channel: string; files: JsonObject[]; given: Record<string, JsonValue | undefined> },
): void {
  const ts = nextTs(call)
  const thread = text(given.thread_ts)
  const message: JsonObject = {
    type: 'message',
    text: text(given.initial_comment),
    user: BOT.user,
    ts,
    upload: true,
    files: files.map(({ id }) => ({ id: id ?? '' })),
    ...(thread ? { thread_ts: thread } : {}),
  }
  call.state('messages').set(keyOf(channel, ts), { channel, message, broadcast: false })
}

function filesIn(value: JsonValue | undefined): { id: string; title: string }[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text(value))
    if (!Array.isArray(parsed)) return undefined
    return parsed.map((file: { id?: JsonValue; title?: JsonValue }) => ({ id: text(file.id), title: text(file.title) }))
  } catch {
    return undefined // not JSON; the caller answers that
  }
}

export function deleteFile(call: TwinCall): TwinAnswer {
  const id = text(parametersOf(call).file)
  return call.state('files').delete(id) ? ok({}) : refuse('file_not_found')
}
