import { once } from "node:events";
import { type Server } from "node:http";
import { type AddressInfo } from "node:net";

import { SettlementError } from "../../core/error.ts";
import { type PortInfo, type Role, type ServerState, type Subscriber } from "./call.ts";
import { httpPort } from "./http-port.ts";
import { wsPort } from "./ws-port.ts";

export interface PortOptions {
  /** 0, the default, takes a free one. */
  readonly wsPort?: number;
  readonly rpcPort?: number;
  /** Loopback by default: whoever reaches a port has admin rights. */
  readonly host?: string;
  /** Two more ports, without admin rights, as public servers have them. */
  readonly publicPorts?: boolean;
}

export interface PortUrls {
  readonly wsUrl: string;
  readonly rpcUrl: string;
  readonly publicWsUrl?: string;
  readonly publicRpcUrl?: string;
}

export interface OpenPort extends PortInfo {
  readonly url: string;
  readonly server: Server;
  /** Ends the connections that the server itself does not know to be open. */
  readonly end: () => void;
}

export interface Opening {
  readonly state: ServerState;
  readonly subscribers: Set<Subscriber>;
  readonly ports: OpenPort[];
}

/** Opens the ports one after another into `ports`; what was opened before a failure is there to be closed. */
export async function openPorts(options: PortOptions, opening: Opening): Promise<void> {
  const host = options.host ?? "127.0.0.1";
  const rights: readonly Role[] = options.publicPorts === true ? ["admin", "user"] : ["admin"];
  for (const role of rights) {
    const isAdmin = role === "admin";
    const http = httpPort(opening.state, role);
    opening.ports.push(
      await listening({ server: http, end: () => {} }, { protocol: "http", role, host }, isAdmin ? options.rpcPort : 0),
    );
    const ws = wsPort(opening.state, role, opening.subscribers);
    opening.ports.push(await listening(ws, { protocol: "ws", role, host }, isAdmin ? options.wsPort : 0));
  }
}

async function listening(
  { server, end }: { readonly server: Server; readonly end: () => void },
  { protocol, role, host }: { readonly protocol: "http" | "ws"; readonly role: Role; readonly host: string },
  wanted = 0,
): Promise<OpenPort> {
  try {
    server.listen(wanted, host);
    await once(server, "listening");
  } catch (cause) {
    const where = `${host}:${wanted}`;
    throw new SettlementError(
      "HTTP_LISTEN_FAILED",
      `the local network cannot listen on ${where}; choose another port`,
      { cause },
    );
  }
  const { port } = server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return { port, protocol, role, url: `${protocol}://${shownHost}:${port}`, server, end };
}

export async function closePort({ server, end }: OpenPort): Promise<void> {
  end();
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

export function urlsOf(ports: readonly OpenPort[]): PortUrls {
  const url = (protocol: "http" | "ws", role: Role): string =>
    ports.find((port) => port.protocol === protocol && port.role === role)?.url ?? "";
  const own = { wsUrl: url("ws", "admin"), rpcUrl: url("http", "admin") };
  const publicWsUrl = url("ws", "user");
  return publicWsUrl === "" ? own : { ...own, publicWsUrl, publicRpcUrl: url("http", "user") };
}
