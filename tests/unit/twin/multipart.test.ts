import { describe, expect, it } from 'vitest'
import { readMultipart } from '../../../src/twin/multipart.ts'
import { Refusal } from '../../../src/twin/refusal.ts'

const TYPE = 'multipart/form-data; boundary=edge'
const part = (headers: string, content: string) => `--edge\r\n${headers}\r\n\r\n${content}\r\n`
const read = (text: string, type = TYPE) => readMultipart(Buffer.from(text), type)

describe('multipart forms of sparing clients', () => {
  it('reads parameters without quotes and without a space before them', () => {
    const body = `${part('content-disposition:form-data;name="chat_id"', '5')}${part(
      'content-disposition:form-data;name="x1";filename=rider.bin\r\ncontent-type:application/octet-stream',
      'a\r\nb',
    )}--edge--\r\n`

    expect(read(body)).toEqual([
      { name: 'chat_id', contentType: '', content: Buffer.from('5') },
      { name: 'x1', filename: 'rider.bin', contentType: 'application/octet-stream', content: Buffer.from('a\r\nb') },
    ])
  })

  it('reads quoted names as browsers escape them, and a boundary in quotes', () => {
    const body = `${part('Content-Disposition: form-data; name="a%22b"; filename="c d.txt"', '')}--edge--`

    expect(read(body, 'multipart/form-data; boundary="edge"')).toMatchObject([{ name: 'a"b', filename: 'c d.txt' }])
  })

  it.each([
    ['no boundary', part('content-disposition:form-data;name=a', '1'), 'multipart/form-data'],
    ['no end', part('content-disposition:form-data;name=a', '1'), TYPE],
    ['a part without a name', `${part('content-disposition:form-data', '1')}--edge--`, TYPE],
    ['a part without headers', '--edge\r\nnothing\r\n--edge--', TYPE],
    ['nothing of the kind', 'hello', TYPE],
  ])('refuses %s', (_, body, type) => {
    expect(() => read(body, type)).toThrow(Refusal)
  })
})
