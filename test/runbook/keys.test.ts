import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Wallet } from "xrpl";
import { month, monthBefore, monthIsOpen, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { writeMonths } from "./small-ledger.ts";
import { anchorsOf, fund, startNetwork } from "./xrpl.ts";

const keysPage = readFileSync(new URL("../../docs/keys.md", import.meta.url), "utf8");

test("another settlement key is refused at the start; a lost one has a successor", slow, async () => {
  const page = walk("The settlement key");
  const network = await startNetwork();
  const config = { endpoint: [network.endpoint], ...monthIsOpen };
  const machine = await newMachine({ config, months: [monthBefore] });
  await machine.does("settlement close 2026-07");
  await machine.does("mkdir -p /backup/latest && cp -a /etc/settlement /backup/latest/etc");
  await machine.does("openssl genpkey -algorithm ed25519 -out /etc/settlement/settlement-key.pem");
  await machine.does("systemctl start settlement");
  await machine.sees(page.text(), "journalctl");
  await machine.does('while kill -0 "$(cat manager)" 2>/dev/null; do sleep 0.1; done');
  await machine.does(page.sh());
  await machine.sees(page.text().replace("2026-08", "2026-07"));

  writeMonths(machine.real("/srv/ledger"), [month]);
  await machine.does(page.sh());
  machine.configure(page.json());
  machine.configure({ grace: 0 });
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(2);
});

test("the account's key is replaced, and what it anchored stays", slow, async () => {
  const page = walk("The key of the account");
  const network = await startNetwork();
  const config = { endpoint: [network.endpoint], ...monthIsOpen };
  const machine = await newMachine({ config, months: [monthBefore] });
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-07  anchored …");

  const next = Wallet.generate();
  const code = keysPage.split("```js\n").find((text) => text.includes("SetRegularKey")) ?? "";
  const script = code.slice(0, code.indexOf("```")).replace('"xrpl"', JSON.stringify(import.meta.resolve("xrpl")));
  const file = machine.real("/backup/set-regular-key.mjs");
  writeFileSync(file, script);
  const seed = readFileSync(machine.real("/etc/settlement/account.seed"), "utf8");
  await new Promise<void>((resolve, reject) => {
    const args = [file, network.endpoint, next.classicAddress];
    const child = execFile(process.execPath, args, (error) => (error ? reject(error) : resolve()));
    child.stdin?.end(seed);
  });

  writeFileSync(machine.real("/backup/new-account.seed"), `${next.seed ?? ""}\n`);
  machine.configure({ account: machine.account, grace: 0 });
  writeMonths(machine.real("/srv/ledger"), [month]);
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(2);
});
