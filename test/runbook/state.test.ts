import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { faultsOf } from "./faults.ts";
import { month, monthBefore, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { anchorsOf, fund, startNetwork } from "./xrpl.ts";

test("status, log and the daily look of a node that is well", slow, async () => {
  const [status, daily] = [walk("Status and log"), walk("Every day")];
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [monthBefore, month] });
  await machine.does("systemctl start settlement");
  const command = status.sh();
  await machine.sees(status.text(), command);
  machine.expectShown(await machine.does(status.sh()), "none");
  machine.expectShown(await machine.does(daily.sh()), daily.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(2);
});

test("a data folder that is lost after a transaction was sent costs nothing", slow, async () => {
  const page = walk("The data folder is lost");
  const network = await startNetwork({ closeMs: 0 });
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [monthBefore, month] });
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-07  anchoring … transaction under way: …");
  await machine.kill();
  rmSync(machine.real("/var/lib/settlement"), { recursive: true });
  network.run();
  await machine.does(page.sh());
  await machine.sees(page.text());
  const anchors = anchorsOf(network.engine, machine.account);
  expect(await faultsOf(machine, network, [monthBefore, month])).toEqual([]);

  await machine.does(page.sh());
  await machine.sees("  2026-08  anchored …\nNothing needs a human.");
  expect(anchorsOf(network.engine, machine.account)).toEqual(anchors);
});

test("a queue that is lost is made up for", slow, async () => {
  const page = walk("The queue is lost");
  const network = await startNetwork();
  await network.stop();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-08  closed …\n  ! 2026-08  CHAIN_UNREACHABLE: …");
  await machine.does(page.sh());
  await machine.does(page.sh());
  await network.begin();
  await machine.does("admin reconcile --data '{}' || true");
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

test("a node is paused and resumed, and a job that failed runs again", slow, async () => {
  const page = walk("The worker is down, paused or stuck");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  const [file, aside] = [machine.real("/srv/ledger/2026-08.json"), machine.real("/backup/2026-08.json")];
  await machine.does(`cp ${file} ${aside} && sed -i 's/"signature":"..../"signature":"AAAA/' ${file}`);
  await machine.does("systemctl start settlement");
  await machine.sees("  ! PARTITION_REJECTED: …");
  machine.expectShown(await machine.does(page.sh()), page.text());
  machine.expectShown(await machine.does(page.sh()), "");
  await machine.sees(page.text());
  await machine.does(page.sh());
  await machine.does(`cp ${aside} ${file}`);
  machine.expectShown(await machine.does(page.sh()), page.text());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

test("who asks for what a running node alone can do is told how", slow, async () => {
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-08  anchored …");
  const { code, output } = await machine.tries("settlement retry 2026-08");
  expect([code, output]).toEqual([3, expect.stringMatching(/STATE_UNAVAILABLE: the node that runs as process \d+/)]);
});
