import { cpSync } from "node:fs";
import { expect, test } from "vitest";
import { month, monthBefore, monthIsOpen, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { writeMonths } from "./small-ledger.ts";
import { anchorsOf, startNetwork } from "./xrpl.ts";

test.for([
  ["without its data folder", false],
  ["with a data folder from before", true],
] as const)("a new machine goes on from a back-up %s", slow, async ([, hasData]) => {
  const [backup, restore] = [walk("Back up"), walk("Restore")];
  const network = await startNetwork();
  const config = { endpoint: [network.endpoint], ...monthIsOpen };
  const old = await newMachine({ config, months: [monthBefore] });
  await old.does("systemctl start settlement");
  await old.sees("  2026-07  anchored …");
  writeMonths(old.real("/srv/ledger"), [month]);
  old.expectShown(await old.does(backup.sh()), backup.text());
  const stopped = backup.sh();
  old.configure({ grace: 0 });
  if (hasData) await old.does(stopped);
  else await old.does("systemctl restart settlement");
  // What comes after the back-up is on the XRP Ledger and nowhere else when the machine is gone.
  await old.sees("  2026-08  anchored …");
  await old.kill();

  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [] });
  cpSync(old.real("/backup"), machine.real("/backup"), { recursive: true });
  machine.expectShown(await machine.does(restore.sh()), restore.text());
  machine.configure({});
  await machine.does(restore.sh());
  await machine.does(restore.sh());
  await machine.sees(restore.text());
  const anchors = anchorsOf(network.engine, old.account);
  expect(anchors).toHaveLength(2);
  expect(new Set(anchors).size).toBe(2);
});

test("a node that is upgraded goes on", slow, async () => {
  const page = walk("Upgrade");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees("Worker   running, …");
  expect(await machine.does(page.sh())).toMatch(/^\d+\.\d+\.\d+$/m);
  await machine.does(page.sh());
  await machine.sees("  2026-08  anchored …");
});
