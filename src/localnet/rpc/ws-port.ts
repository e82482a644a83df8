import { createServer, type IncomingMessage, type Server } from "node:http";

import { type RawData, type WebSocket, WebSocketServer } from "ws";

import { type Role, type ServerState, type Subscriber } from "./call.ts";
import { maxConnections, sendPublishedList, serverName } from "./http-port.ts";
import { type JsonObject, maxRequestSize } from "./json.ts";
import { isForeignPage } from "./origin.ts";
import { answerMessage } from "./ws-answer.ts";

/** Bytes a connection may leave unread before it is closed. */
const maxUnreadBytes = 16_000_000;

const testPage =
  "<!DOCTYPE html><html><head><title>Test page for a local XRPL network</title></head><body><h1>Test</h1>" +
  "<p>This page shows that the local network of repomesh-settlement can be reached.</p></body></html>";

export interface WsPort {
  readonly server: Server;
  /** Ends every connection. */
  readonly end: () => void;
}

/** The WebSocket port. Its connections join `subscribers` while they last. */
export function wsPort(state: ServerState, role: Role, subscribers: Set<Subscriber>): WsPort {
  const server = createServer((request, response) => {
    if (sendPublishedList(state, request, response)) return;
    response.writeHead(200, { "Content-Type": "text/html", Connection: "close", Server: serverName });
    response.end(testPage);
  });
  server.maxConnections = maxConnections;
  // twice the limit of a request: what is between the two still gets an answer
  const sockets = new WebSocketServer({
    server,
    maxPayload: 2 * maxRequestSize,
    perMessageDeflate: false,
    verifyClient: ({ req }: { readonly req: IncomingMessage }) => !isForeignPage(req),
  });
  sockets.on("connection", (socket) => serveSocket(socket, state, role, subscribers));
  // the HTTP server reports its own faults; without a listener they would be thrown here too
  sockets.on("error", () => {});
  return {
    server,
    end: () => {
      for (const socket of sockets.clients) {
        socket.close(1001, "the server stops");
        socket.terminate();
      }
      sockets.close();
    },
  };
}

function serveSocket(socket: WebSocket, state: ServerState, role: Role, subscribers: Set<Subscriber>): void {
  const send = (frame: JsonObject): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > maxUnreadBytes) socket.close(1008, "client is too slow");
    else socket.send(JSON.stringify(frame));
  };
  const subscriber: Subscriber = {
    streams: new Set(),
    accounts: new Set(),
    proposedAccounts: new Set(),
    apiVersion: 1,
    send,
  };
  subscribers.add(subscriber);
  socket.on("message", (data) => send(answerMessage(state, role, subscriber, textOf(data))));
  socket.on("close", () => subscribers.delete(subscriber));
  // a malformed frame ends the connection, not the server
  socket.on("error", () => socket.terminate());
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return data instanceof ArrayBuffer ? Buffer.from(data).toString("utf8") : data.toString("utf8");
}
