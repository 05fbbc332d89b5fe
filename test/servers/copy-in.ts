/** COPY ... FROM STDIN through pg, which knows its messages but has no call for it. */
import type pg from 'pg';

interface Connection {
  query(text: string): void;
  endCopyFrom(): void;
  stream: NodeJS.WritableStream;
}

/** Runs a COPY whose data `feed` sends; `send` resolves when the data is on its way. */
export function copyIn(
  client: pg.Client,
  text: string,
  feed: (send: (data: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const ignore = () => undefined;
    const query = {
      submit: (connection: Connection) => connection.query(text),
      handleCopyInResponse: (connection: Connection) => {
        feed((data) => send(connection.stream, data)).then(() => connection.endCopyFrom(), reject);
      },
      handleRowDescription: ignore,
      handleDataRow: ignore,
      handleCommandComplete: ignore,
      handleEmptyQuery: ignore,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(query as unknown as pg.Submittable);
  });
}

/** A CopyData message: PostgreSQL's documentation, "Message Formats". */
function send(stream: NodeJS.WritableStream, data: string): Promise<void> {
  const body = Buffer.from(data);
  const head = Buffer.alloc(5);
  head.write('d');
  head.writeInt32BE(body.length + 4, 1);
  return new Promise((done) => {
    stream.write(Buffer.concat([head, body]), () => done());
  });
}
