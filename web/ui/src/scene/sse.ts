/** Cuts a stream of server-sent events into the data of its messages. Keeps what is incomplete for the next piece. */
export class EventReader {
  private rest = ''

  push(text: string): string[] {
    this.rest += text
    const blocks = this.rest.split(/\r?\n\r?\n/)
    this.rest = blocks.pop() ?? ''
    return blocks.map(data).filter((message) => message !== '')
  }
}

function data(block: string): string {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
    .join('\n')
}
