import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { month, monthBefore, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { anchorsOf, startNetwork } from "./xrpl.ts";

test("a month that breaks a rule is repaired, retried, anchored, and that is in the audit log", slow, async () => {
  const page = walk("A month was rejected");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [monthBefore, month] });
  await machine.does("settlement close 2026-07");
  const file = machine.real("/srv/ledger/2026-08.json");
  const good = readFileSync(file, "utf8");
  writeFileSync(file, good.replace(/"signature":"..../, '"signature":"AAAA'));

  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  writeFileSync(file, good);
  machine.expectShown(await machine.does(page.sh()), page.text());
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(2);
});

test("a closed month whose events were changed is signed by nobody until they are back", slow, async () => {
  const page = walk("The ledger does not fit what was published");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("settlement close 2026-08");
  await machine.does("mkdir -p /backup/latest && cp -a /srv/ledger /backup/latest/ledger");
  const file = machine.real("/srv/ledger/2026-08.json");
  const [first = "", ...rest] = JSON.parse(readFileSync(file, "utf8")) as string[];
  writeFileSync(file, JSON.stringify([...rest, first]));

  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});
