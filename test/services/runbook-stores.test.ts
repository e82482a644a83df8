import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { type LocalServer, localServer, programsOf, type ServerName } from "../../scripts/local-servers.ts";
import { faultsOf } from "../runbook/faults.ts";
import { type Machine, month, monthBefore, monthIsOpen, newMachine, slow } from "../runbook/machine.ts";
import { walk } from "../runbook/page.ts";
import { writeMonths } from "../runbook/small-ledger.ts";
import { fund, type Network, startNetwork } from "../runbook/xrpl.ts";
import { freshDatabase, freshRedis } from "../support/services.ts";
import { yearMonths } from "../support/year-ledger.ts";

const [stateUrl, redisUrl] = [await freshDatabase(), await freshRedis()];
const spareUrl = await freshDatabase();

/** A server that the test may stop and empty; where its programs are not at hand the test is skipped, though never in CI. */
async function ownServer(name: ServerName, skip: (note: string) => void): Promise<LocalServer> {
  if (programsOf(name) === undefined) {
    const note = `the programs of ${name} are not on this machine`;
    if (process.env["CI"]) throw new Error(note);
    skip(note);
  }
  const folder = mkdtempSync(join(tmpdir(), "settlement-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = await localServer(name, folder);
  onTestFinished(() => server.stop());
  await server.start();
  return server;
}

/** Has a machine use servers in the place of its data folder. */
function useServers(machine: Machine, addresses: { readonly state: string; readonly redis?: string }): void {
  for (const [name, address] of Object.entries(addresses))
    writeFileSync(machine.real(`/etc/settlement/${name}-url`), `${address}\n`, { mode: 0o600 });
  const redis = { queue: "redis", redisFile: "/etc/settlement/redis-url" };
  const queue = addresses.redis === undefined ? { queue: "postgres" } : redis;
  machine.configure({ stateUrlFile: "/etc/settlement/state-url", ...queue });
}

/** A node with a year to settle, whose first transaction is under way on a network that stands still. */
async function yearUnderWay(network: Network, addresses: Parameters<typeof useServers>[1]): Promise<Machine> {
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: yearMonths });
  useServers(machine, addresses);
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("… anchoring … transaction under way: …");
  return machine;
}

test("a node moves to PostgreSQL and Redis", slow, async () => {
  const page = walk("Move to PostgreSQL and Redis");
  const network = await startNetwork();
  const names = { "postgres://settlement@127.0.0.1/state": stateUrl, "redis://127.0.0.1:6379": redisUrl };
  const config = { endpoint: [network.endpoint], ...monthIsOpen };
  const machine = await newMachine({ config, names, months: [monthBefore] });
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-07  anchored …");
  writeMonths(machine.real("/srv/ledger"), [month]);
  await machine.does(page.sh());
  machine.configure({ ...page.json(), grace: 0 });
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(await faultsOf(machine, network, [monthBefore, month])).toEqual([]);
});

test("a Redis that is flushed while months are in flight costs nothing", slow, async ({ skip }) => {
  const page = walk("The queue is lost");
  const redis = await ownServer("redis", skip);
  const network = await startNetwork({ closeMs: 0 });
  const machine = await yearUnderWay(network, { state: spareUrl, redis: redis.address });
  const client = new Redis(redis.address);
  await client.flushall();
  network.run();
  await machine.does(page.sh());
  await machine.sees("… anchored …");
  await client.flushall();
  await client.quit();
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(await faultsOf(machine, network, yearMonths)).toEqual([]);
});

test("a PostgreSQL that is restarted while months are in flight costs nothing", slow, async ({ skip }) => {
  const page = walk("The state or the queue is away");
  const postgres = await ownServer("postgres", skip);
  const network = await startNetwork({ closeMs: 0 });
  const machine = await yearUnderWay(network, { state: postgres.address });
  await postgres.stop();
  network.run();
  await machine.sees(page.text());
  await postgres.start();
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(await faultsOf(machine, network, yearMonths)).toEqual([]);
});
