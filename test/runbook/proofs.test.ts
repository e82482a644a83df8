import { createServer } from "node:http";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { anchorsOf, startNetwork } from "./xrpl.ts";

/** A place where a validator list is published, or not: for the time being it says that it is away. */
async function publisherOf(listUrl: string): Promise<{ readonly url: string; come(): void }> {
  let isAway = true;
  const server = createServer((_, response) => {
    if (isAway) return void response.writeHead(503).end();
    void fetch(listUrl).then(async (list) => response.end(await list.text()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, come: () => void (isAway = false) };
}

test("a month that nobody could prove is proven by a later ledger", slow, async () => {
  const page = walk("Proofs are missing");
  const network = await startNetwork({ closeMs: 200, validators: { count: 6, seed: "runbook" } });
  const publisher = await publisherOf(network.listUrl);
  const machine = await newMachine({ config: { endpoint: [network.endpoint], listUrl: [publisher.url] } });
  const trust = machine.real("/etc/settlement/trust.json");
  const publishers = [{ publicKey: network.publisher, network: "local" }];
  writeFileSync(trust, JSON.stringify({ publishers, accounts: [], logs: [] }));
  machine.configure({ trust, logLevel: "debug" });
  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  const look = page.sh();
  await machine.sees(page.text(), look);
  // What was heard of the anchor's own ledger is gone with the state.
  await machine.kill();
  await machine.does("rm -rf /var/lib/settlement/state");
  publisher.come();
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});
