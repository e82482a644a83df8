import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { type Role, type ServerState } from "./call.ts";
import { answerHttp, type HttpAnswer } from "./http-answer.ts";
import { maxRequestSize } from "./json.ts";
import { isForeignPage } from "./origin.ts";

/** Connections a port takes at once; the operating system refuses the rest. */
export const maxConnections = 512;

export const serverName = "repomesh-settlement-localnet";

/** The JSON-RPC port: any path, any method, one answer for each body. */
export function httpPort(state: ServerState, role: Role): Server {
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    void answerRequest(state, role, request, response);
  });
  server.maxConnections = maxConnections;
  return server;
}

async function answerRequest(
  server: ServerState,
  role: Role,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (isForeignPage(request)) return send(response, { status: 403, body: "Forbidden" }, true);
    if (sendPublishedList(server, request, response)) return;
    const text = await bodyText(request);
    send(response, answerHttp(server, role, text), text === tooLong);
  } catch {
    // the client went away in the middle of its request
    response.destroy();
  }
}

/** The validator list at `/vl/<publisher key>`, as rippled's peer port has it. */
function publishedList({ validators }: ServerState, { method, url = "" }: IncomingMessage): object | undefined {
  if (method !== "GET") return undefined;
  return validators && url.toUpperCase() === `/VL/${validators.publisher}` ? validators.list : undefined;
}

/** Answers who asks for the validator list. @returns whether that was asked for */
export function sendPublishedList(server: ServerState, request: IncomingMessage, response: ServerResponse): boolean {
  const list = publishedList(server, request);
  if (list) send(response, { status: 200, body: list }, false);
  return list !== undefined;
}

/** Stands for a body over the limit: longer than any that is read. */
const tooLong = " ".repeat(maxRequestSize + 1);

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxRequestSize) return tooLong;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, body }: HttpAnswer, close: boolean): void {
  const text = typeof body === "string" ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json; charset=UTF-8",
    "Content-Length": Buffer.byteLength(text),
    Connection: close ? "close" : "Keep-Alive",
    Server: serverName,
  });
  response.end(text);
}
