import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { memoryArchive } from "../src/adapters/memory-archive.ts";
import { memoryEvidence } from "../src/adapters/memory-evidence.ts";
import { openChain } from "../src/compose-chain.ts";
import { openProving } from "../src/compose-proof.ts";
import { readConfig } from "../src/config.ts";
import { startLocalnet } from "../src/localnet/start-localnet.ts";
import type { LogEntry } from "../src/ports.ts";
import { temporaryFolder, testAccountSeed, testChain } from "./support/settle.ts";
import { signed } from "./support/xrpl-network.ts";

const stores = () => ({ archive: memoryArchive(), evidence: memoryEvidence() });

/** What passed by: commands as they were asked, blobs that were submitted, and `subscribed` when that was answered. */
interface Relay {
  readonly url: string;
  readonly seen: readonly string[];
}

/** Stands between a node and a network, and answers `subscribe` when nothing else was asked for so long. */
async function relayTo(wsUrl: string, quietMs: number): Promise<Relay> {
  const seen: string[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  let held: NodeJS.Timeout | undefined;
  onTestFinished(() => {
    clearTimeout(held);
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on("connection", (client) => {
    const network = new WebSocket(wsUrl);
    const connected = once(network, "open");
    client.on("message", (data: Buffer) => {
      const text = data.toString();
      const { command, tx_blob } = JSON.parse(text) as { readonly command: string; readonly tx_blob?: string };
      seen.push(tx_blob ?? command);
      held?.refresh();
      void connected.then(() => network.send(text));
    });
    network.on("message", (data: Buffer) => {
      const text = data.toString();
      if ((JSON.parse(text) as { readonly id?: unknown }).id !== "validations") return client.send(text);
      held = setTimeout(() => {
        held = undefined;
        seen.push("subscribed");
        client.send(text);
      }, quietMs);
    });
    client.on("close", () => network.terminate());
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

test("nothing can be submitted before a server says that the validators will be heard", async () => {
  const localnet = await startLocalnet({ closeMs: 40, validators: { count: 3, seed: "in order" } });
  onTestFinished(() => localnet.close());
  const relay = await relayTo(localnet.wsUrl, 1000);
  const folder = temporaryFolder();
  const [seedFile, trust] = [join(folder, "seed"), join(folder, "trust.json")];
  writeFileSync(seedFile, testAccountSeed);
  writeFileSync(
    trust,
    JSON.stringify({ publishers: [{ publicKey: localnet.validators?.publisher, network: "local" }] }),
  );
  const config = readConfig({ network: "local", endpoint: [relay.url], trust, seedFile }, {});
  const { chain, witnesses, close } = await openChain(config, () => undefined);
  onTestFinished(close);
  const proving = await openProving(config, witnesses, { ...stores(), chain });
  onTestFinished(() => proving?.close());
  const anchor = await signed(chain);
  await chain.submit(anchor);
  expect(relay.seen.filter((each) => each === "subscribed" || each === anchor.blob)).toEqual([
    "subscribed",
    anchor.blob,
  ]);
});

test("one server alone of a network that others run too is warned of", async () => {
  const { localnet, chain } = await testChain();
  const parts = { ...stores(), chain };
  const warnings = async (network: string, ...endpoints: readonly string[]): Promise<readonly string[]> => {
    const entries: LogEntry[] = [];
    const log = (entry: LogEntry): void => void entries.push(entry);
    const witnesses = { endpoints, listUrls: ["http://127.0.0.1:9/vl"] };
    const proving = await openProving(readConfig({ network }, {}), witnesses, { ...parts, log });
    await proving?.close();
    return entries.filter(({ level }) => level === "warn").map(({ message }) => message);
  };
  expect(await warnings("testnet", localnet.wsUrl)).toEqual([expect.stringContaining("a second --endpoint")]);
  expect(await warnings("testnet", localnet.wsUrl, localnet.wsUrl)).toEqual([]);
  expect(await warnings("local", localnet.wsUrl)).toEqual([]);
});
