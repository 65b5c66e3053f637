// Files go in three steps: ask for an address, send the bytes there, say that it is done and where it shall be seen
// (docs.slack.dev/messaging/working-with-files). Nobody sees anything before the last one, which decides the outcome; the
// address is read by its path alone, so that bytes go to files.slack.com wherever an answer points.
import {
  findSentinels,
  type InputOf,
  knownExtras,
  native,
  type Operation,
  pathValuesIn,
  post,
  type ResultOf,
  readAs,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import { ID } from './shapes.ts'

type GivenFile = InputOf<'file.upload'>['file']

const uploadAnswer = z.object({ upload_url: z.string(), file_id: z.string() })
const completed = z.object({ files: z.array(z.object({ id: z.string(), permalink: z.string().optional() })).min(1) })

/** The bytes, whose number Slack wants to know first. */
function bytesOf({ text, base64 }: GivenFile): Uint8Array {
  if (findSentinels(text ?? base64 ?? '').length > 0) {
    throw unsupported('file: its content must be known when it is planned', 'Upload it in a run of its own.')
  }
  const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text, 'utf8')
  if (bytes.length === 0) throw unsupported('file: it is empty', 'Slack takes no empty files.')
  return bytes
}

export const uploadFile: Operation<InputOf<'file.upload'>, ResultOf<'file.upload'>> = {
  summary: 'Upload a file, into a channel where one is given.',
  effect: 'send',
  labels: { reads: 'public', returns: 'trusted', sends: 'external' },
  scope: 'files:write',
  // An address that nothing is sent to is forgotten.
  looksFirst: true,
  request: ({ file, to, text, native: extras }) => {
    const { alt_text, snippet_type, thread_ts } = knownExtras(extras, [
      'alt_text',
      'snippet_type',
      'thread_ts',
      'title',
    ])
    if (to === undefined && (text !== undefined || thread_ts !== undefined)) {
      throw unsupported('text goes with the file into a channel', 'Add to: the id of the channel.')
    }
    return post('/files.getUploadURLExternal', {
      form: {
        filename: file.name,
        length: bytesOf(file).length,
        alt_text: textOrNone(alt_text),
        snippet_type: textOrNone(snippet_type),
      },
    })
  },
  result: () => undefined,
  *more({ input, answer }) {
    const { upload_url, file_id } = readAs(uploadAnswer, answer.body)
    const { file, to, text, native: extras } = input
    yield {
      request: post('/upload/v1/{token+}', {
        base: 'upload',
        auth: 'upload',
        path: pathValuesIn(upload_url, '/upload/v1/{token+}'),
        raw: { value: bytesOf(file), contentType: file.contentType ?? 'application/octet-stream' },
        answer: 'text',
      }),
      // Bytes that were sent and not completed are seen by nobody.
      reads: true,
    }
    const done = yield {
      request: post('/files.completeUploadExternal', {
        form: {
          files: JSON.stringify([{ id: file_id, title: textOrNone(extras?.title) ?? file.name }]),
          channel_id: to,
          initial_comment: text,
          thread_ts: textOrNone(extras?.thread_ts),
        },
      }),
    }
    const [made] = readAs(completed, done.body).files
    return { id: made?.id ?? file_id, url: made?.permalink ?? null }
  },
  cost: 'free',
  undo: ({ result }) => ({ operation: 'slack:file.delete', input: { id: result.id } }),
  undoLabel: 'slack:file.delete; words that went with it stay',
  examples: [
    {
      input: {
        file: { name: 'running-order.txt', text: 'Doors, show, encore' },
        to: 'C1H9RESGL',
        text: 'Tonight:',
        native: { title: 'Running order' },
      },
      response: {
        ok: true,
        upload_url: 'https://files.slack.com/upload/v1/CwABAAAAXAoAAVnX',
        file_id: 'F0ABCDEF123',
      },
      more: [
        { body: 'OK - 19' },
        {
          body: {
            ok: true,
            files: [
              {
                id: 'F0ABCDEF123',
                title: 'Running order',
                permalink: 'https://acme.slack.com/files/U0G9QF9C6/F0ABCDEF123/running-order.txt',
              },
            ],
          },
        },
      ],
    },
    {
      input: { file: { name: 'dot.png', base64: 'iVBORw0KGgo=', contentType: 'image/png' } },
      response: {
        ok: true,
        upload_url: 'https://files.slack.com/upload/v1/CwABAAAAXAoAAVnY',
        file_id: 'F0ABCDEF124',
      },
      more: [{ body: 'OK - 8' }, { body: { ok: true, files: [{ id: 'F0ABCDEF124', title: 'dot.png' }] } }],
    },
  ],
}

const textOrNone = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export const deleteFile = native({
  summary: 'Delete a file, wherever it was shared.',
  effect: 'delete',
  labels: { reads: 'public', returns: 'trusted', sends: 'none' },
  scope: 'files:write',
  input: z.strictObject({ id: ID.describe('Id of the file.') }),
  output: z.object({ id: z.string() }),
  request: ({ id }) => post('/files.delete', { form: { file: id } }),
  result: (_body, { input }) => ({ id: input.id }),
  cost: 'free',
  undo: { none: 'Slack does not bring a deleted file back.' },
  examples: [{ input: { id: 'F0ABCDEF123' }, response: { ok: true } }],
})
