import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawBytes {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** As they were sent, not decoded. */
  readonly bytes: Buffer;
}

/**
 * Sends these bytes as they are, which no HTTP client would, and reads until the server closes.
 *
 * @throws Error when the answer says a header twice
 */
export async function rawRequest(url: string, head: string, body: string | Uint8Array = ""): Promise<RawAnswer> {
  const { status, headers, bytes } = await rawBytes(url, head, body);
  return { status, headers, body: bytes.toString("utf8") };
}

export async function rawBytes(url: string, head: string, body: string | Uint8Array = ""): Promise<RawBytes> {
  const { hostname, port } = new URL(url);
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${head.replaceAll("\n", "\r\n")}\r\nHost: test\r\nConnection: close\r\n\r\n`);
      socket.write(body);
    });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A server that refuses a body may reset the connection once it has answered.
    socket.on("error", (error) => (chunks.length > 0 ? resolve() : reject(error)));
    socket.on("close", () => resolve());
  });
  const answer = Buffer.concat(chunks);
  const gap = answer.indexOf("\r\n\r\n");
  const [first = "", ...lines] = answer.toString("utf8", 0, gap).split("\r\n");
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)] as const,
  );
  const names = headers.map(([name]) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (twice.length > 0) throw new Error(`headers were sent twice: ${twice.join(", ")}`);
  return { status: Number(first.split(" ")[1]), headers: new Map(headers), bytes: answer.subarray(gap + 4) };
}
