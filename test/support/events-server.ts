import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a server was asked. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Reply =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** The connection ends without an answer. */
  | "hangs up";

export interface EventsServer {
  readonly url: string;
  readonly asked: readonly Asked[];
}

/** A server on this machine that answers requests one after the other, the last reply again and again. */
export async function eventsServer(
  reply: readonly Reply[] | ((asked: Asked) => Promise<Reply>),
): Promise<EventsServer> {
  const asked: Asked[] = [];
  const next = (request: Asked): Promise<Reply> =>
    typeof reply === "function"
      ? reply(request)
      : Promise.resolve(reply[Math.min(asked.length, reply.length) - 1] ?? "hangs up");
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
    asked.push(one);
    const answer = await next(one);
    if (answer === "hangs up") return void request.socket.destroy();
    const { status, headers: more = {}, body = "" } = answer;
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
