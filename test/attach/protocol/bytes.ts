/** Messages of the protocol, made. */

function message(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

const strings = (...texts: string[]): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(''));

/** Int16s and Int32s that say that there is nothing: parameters, formats, rows. */
const zeros = (count: number): Buffer => Buffer.alloc(count);

export const query = (sql: string) => message('Q', strings(sql));
export const parse = (name: string, sql: string) =>
  message('P', Buffer.concat([strings(name, sql), zeros(2)]));
export const bind = (portal: string, statement: string, value = '') =>
  message('B', Buffer.concat([strings(portal, statement), zeros(6), Buffer.from(value)]));
export const execute = (portal: string) => message('E', Buffer.concat([strings(portal), zeros(4)]));
export const describe = (statement: string) => message('D', strings(`S${statement}`));
export const close = (statement: string) => message('C', strings(`S${statement}`));
export const call = () => message('F', zeros(10));
export const sync = () => message('S', zeros(0));
export const flush = () => message('H', zeros(0));
export const copyData = (data: string) => message('d', Buffer.from(data));
export const copyDone = () => message('c', zeros(0));
export const terminate = () => message('X', zeros(0));
export const password = (text: string) => message('p', strings(text));

export const ready = (status: 'I' | 'T' | 'E') => message('Z', Buffer.from(status));
export const complete = (tag: string) => message('C', strings(tag));
export const parsed = () => message('1', zeros(0));
export const boundTo = () => message('2', zeros(0));
export const closed = () => message('3', zeros(0));
export const row = (text: string) => message('D', Buffer.concat([zeros(2), Buffer.from(text)]));
export const failed = () => message('E', strings('SERROR', ''));
export const copyIn = () => message('G', zeros(3));

/** @param code 196608 for protocol 3.0 */
export function opening(code: number, body = ''): Buffer {
  const packet = Buffer.alloc(8 + body.length);
  packet.writeInt32BE(packet.length);
  packet.writeInt32BE(code, 4);
  packet.write(body, 8);
  return packet;
}
export const suspended = () => message('s', zeros(0));
export const returned = () => message('V', zeros(4));
export const authentication = () => message('R', zeros(4));
