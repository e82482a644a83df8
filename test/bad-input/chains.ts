import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";
import { type BadInput, notNow, wrong } from "./bad-input.ts";
import type { Place } from "./place.ts";

const at = "--ledger LEDGER --data DATA --config ROOT/config.json";
const anchor = `anchor 2026-08 ${at}`;
const look = `verify-tx ${"F".repeat(64)} ${at}`;
const seed = "sEdTM1uX8pu2do5XvTnutH6HsouMaM2";
const leaves = ["data/state"];

/** Names a server in the config file, with an account that belongs to nobody. */
function configure(place: Place, port: number): void {
  place.put("account.seed", seed);
  const seedFile = `${place.root}/account.seed`;
  place.put("config.json", JSON.stringify({ endpoint: [`ws://127.0.0.1:${port}`], seedFile }));
}

function unanchored(place: Place): void {
  place.drop("ledger/anchors/2026-08/receipt.json");
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A WebSocket server that answers each message in its own way. */
const answering = (answer: (socket: WebSocket, id: unknown, command: unknown) => void) => async (place: Place) => {
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", (message: Buffer) => {
      const { id, command } = JSON.parse(message.toString()) as { id: unknown; command: unknown };
      answer(socket, id, command);
    });
  });
  configure(place, await listening(server));
};

const result = (value: unknown) =>
  answering((socket, id) => socket.send(JSON.stringify({ id, status: "success", type: "response", result: value })));

async function network(place: Place, networkId: number): Promise<void> {
  const localnet = await startLocalnet({ closeMs: 0, networkId });
  onTestFinished(() => localnet.close());
  configure(place, Number(new URL(localnet.wsUrl).port));
}

const servers: readonly BadInput[] = [
  {
    name: "a server that is not there",
    spoil: async (place) => {
      const server = createServer();
      const port = await listening(server);
      await new Promise((resolve) => server.close(resolve));
      configure(place, port);
    },
    run: look,
    answer: notNow("CHAIN_UNREACHABLE"),
    says: ["no XRPL server answered server_info", "ws://127.0.0.1:"],
  },
  {
    name: "a server that speaks no WebSocket",
    spoil: async (place) => {
      configure(place, await listening(createServer((_, response) => response.end("hello"))));
    },
    run: look,
    answer: notNow("CHAIN_UNREACHABLE"),
    says: ["no XRPL server answered server_info"],
  },
  {
    name: "a server that hangs up",
    spoil: answering((socket) => socket.terminate()),
    run: look,
    answer: notNow("CHAIN_UNREACHABLE"),
    says: ["no XRPL server answered server_info"],
  },
  {
    name: "a server that knows no such command",
    spoil: answering((socket, id) =>
      socket.send(JSON.stringify({ id, status: "error", type: "response", error: "unknownCmd" })),
    ),
    run: look,
    answer: notNow("CHAIN_UNREACHABLE"),
    says: ["refused server_info", "unknownCmd"],
  },
  {
    name: "a server that answers with nothing",
    spoil: result({}),
    run: look,
    answer: notNow("CHAIN_ANSWER_MALFORMED"),
    says: ["server_info", '"info" is missing'],
  },
  {
    name: "a server that answers with a text",
    spoil: result("yes"),
    run: look,
    answer: notNow("CHAIN_ANSWER_MALFORMED"),
    says: ["server_info", "object"],
  },
  {
    name: "a server whose network id is a text",
    spoil: result({ info: { network_id: "main" } }),
    run: look,
    answer: notNow("CHAIN_ANSWER_MALFORMED"),
    says: ["network_id", "whole number"],
  },
  {
    name: "a server of another network than the configured one",
    spoil: (place) => network(place, 4242),
    run: `${look} --network testnet`,
    answer: wrong("CHAIN_WRONG_NETWORK"),
    says: ["is of network 4242, which is not testnet"],
  },
  {
    name: "a server of another id than the configured one",
    spoil: (place) => network(place, 4242),
    run: `${look} --network-id 4243`,
    answer: wrong("CHAIN_WRONG_NETWORK"),
    says: ["is of network 4242", "4243"],
  },
  {
    name: "a server that is no local network",
    spoil: async (place) => {
      unanchored(place);
      await result({ info: { network_id: 4242 } })(place);
    },
    run: anchor,
    answer: wrong("CHAIN_WRONG_NETWORK"),
    says: ["is no local network", "--network"],
    leaves,
  },
  {
    name: "a transaction that is not there",
    spoil: (place) => network(place, 63_456),
    run: look,
    answer: wrong("TRANSACTION_NOT_FOUND"),
    says: ["knows no transaction FFFF", "is it on local"],
  },
  {
    name: "a month that was closed for another network",
    spoil: async (place) => {
      unanchored(place);
      await network(place, 4242);
    },
    run: `${anchor} --network xrpl-4242 --key-file DATA/settlement-key.pem`,
    answer: wrong("CHAIN_WRONG_NETWORK"),
    says: ["2026-08 was closed for local", "xrpl-4242"],
    leaves,
  },
];

const configured: readonly BadInput[] = [
  {
    name: "mainnet without consent",
    run: "anchor 2026-08 --ledger LEDGER --data DATA --network mainnet --key-file DATA/settlement-key.pem",
    answer: wrong("MAINNET_NOT_CONFIRMED"),
    says: ["spends real XRP", "--yes-mainnet", "--dry-run"],
  },
  {
    name: "mainnet without consent, by a variable",
    run: "anchor --ledger LEDGER --data DATA",
    env: { SETTLEMENT_NETWORK: "mainnet", SETTLEMENT_YES_MAINNET: "false" },
    answer: wrong("MAINNET_NOT_CONFIRMED"),
    says: ["spends real XRP", "--yes-mainnet"],
  },
  {
    name: "a public network without a key",
    run: "anchor 2026-08 --ledger LEDGER --data DATA --network testnet",
    answer: wrong("CONFIG_INVALID"),
    says: ["testnet needs a settlement key", "--key-file"],
  },
  {
    name: "a public network without a seed",
    run: "anchor 2026-08 --ledger LEDGER --data DATA --network testnet --key-file DATA/settlement-key.pem",
    answer: wrong("CONFIG_INVALID"),
    says: ["testnet needs an account", "--seed-file"],
  },
  {
    name: "a network of its own without a server",
    spoil: (place) => place.put("account.seed", seed),
    run: "anchor 2026-08 --ledger LEDGER --data DATA --network xrpl-4242 --key-file DATA/settlement-key.pem --seed-file ROOT/account.seed",
    answer: wrong("CONFIG_INVALID"),
    says: ["network xrpl-4242 needs --endpoint"],
  },
];

/** A server may lie about everything it says; what can be recomputed is. */
const liars: readonly BadInput[] = [
  {
    name: "a server that gives another ledger than its header says",
    spoil: answering((socket, id, command) => {
      const header = "00".repeat(118);
      const answers: Readonly<Record<string, object>> = {
        server_info: { info: { network_id: 4242 } },
        tx: { validated: true, ledger_index: 7 },
        ledger: {
          validated: true,
          ledger: { ledger_data: header, transactions: [{ tx_blob: "12", meta_blob: "13" }] },
        },
      };
      socket.send(JSON.stringify({ id, status: "success", type: "response", result: answers[String(command)] }));
    }),
    run: `${look} --format json`,
    answer: { layer: "ledger" },
    says: ["transaction"],
  },
];

export const chains: readonly BadInput[] = [...servers, ...configured, ...liars];
