import { execFileSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { yearMonths } from "../support/year-ledger.ts";
import { faultsOf } from "./faults.ts";
import { month, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { writeMonths } from "./small-ledger.ts";
import { anchorsOf, fund, startNetwork } from "./xrpl.ts";

test("two hosts of one account anchor a month once", slow, async () => {
  const page = walk("Two hosts at once");
  const network = await startNetwork();
  const one = await newMachine({ config: { endpoint: [network.endpoint] } });
  const other = await newMachine({ config: { endpoint: [network.endpoint] } });
  for (const name of ["account.seed", "settlement-key.pem"])
    cpSync(one.real(`/etc/settlement/${name}`), other.real(`/etc/settlement/${name}`));
  fund(network.engine, one.account, 100_000_000);
  await Promise.all([one, other].map((machine) => machine.does("systemctl start settlement")));
  await Promise.all([one, other].map((machine) => machine.sees("  2026-08  anchored …\nNothing needs a human.")));
  await other.does(page.sh());
  one.expectShown(await one.does(page.sh()), page.text());
  expect(anchorsOf(network.engine, one.account)).toHaveLength(1);
});

test("two hosts that share a ledger folder anchor each month of a year once", slow, async () => {
  const network = await startNetwork();
  const one = await newMachine({ config: { endpoint: [network.endpoint] }, months: yearMonths });
  const other = await newMachine({ config: { endpoint: [network.endpoint] }, months: [] });
  for (const name of ["account.seed", "settlement-key.pem"])
    cpSync(one.real(`/etc/settlement/${name}`), other.real(`/etc/settlement/${name}`));
  other.configure({ ledger: one.real("/srv/ledger") });
  fund(network.engine, one.account, 100_000_000);
  await Promise.all([one, other].map((machine) => machine.does("systemctl start settlement")));
  await Promise.all([one, other].map((machine) => machine.sees("  2026-08  anchored …\nNothing needs a human.")));
  expect(await faultsOf(one, network, yearMonths)).toEqual([]);
});

test("a second node on one data folder is refused", slow, async () => {
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-08  anchored …");
  const { code, output } = await machine.tries("settlement run --port 0");
  expect([code, output]).toEqual([
    3,
    expect.stringContaining("STATE_UNAVAILABLE: another process has the data folder open"),
  ]);
});

test("a node whose files cannot grow stops without harm, and goes on when they can", slow, async () => {
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [] });
  await machine.does("systemctl start settlement");
  await machine.sees("Worker   running, …");
  await machine.does("systemctl stop settlement");
  writeMonths(machine.real("/srv/ledger"), [month]);
  // In blocks of 512 bytes: what `ulimit -f` takes.
  const limit = join(machine.folder, "limit");
  writeFileSync(limit, "8");
  await machine.does("systemctl start settlement");
  await machine.sees("STATE_UNAVAILABLE: …", "journalctl");
  rmSync(limit);
  await machine.does("systemctl restart settlement");
  await machine.sees("  2026-08  anchored …\nNothing needs a human.");
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

/** Puts a disk of so many MB in the place of a folder. Where this user may not, the test is skipped, though never in CI. */
function mountDisk(folder: string, megabytes: number, skip: (note: string) => void): void {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "none", folder], { stdio: "ignore" });
  } catch (cause) {
    if (process.env["CI"]) throw new Error("a small disk cannot be mounted: run the tests as root", { cause });
    return skip("only root may mount a small disk");
  }
  onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
}

test("a disk that is full is told of, and the node goes on when there is room", slow, async ({ skip }) => {
  const page = walk("The disk is full");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [] });
  mountDisk(machine.real("/srv/ledger"), 1, skip);
  writeMonths(machine.real("/srv/ledger"), [month]);
  await machine.tries("dd if=/dev/zero of=/srv/ledger/nodes/filler bs=512");
  await machine.does("systemctl start settlement");
  await machine.sees(`${page.text()}\n`);
  expect(await machine.does(page.sh())).toMatch(/100%/);
  await machine.does("rm /srv/ledger/nodes/filler");
  await machine.does(page.sh());
  await machine.sees("  2026-08  anchored …");
  page.text();
});

test("a disk that fills while a transaction is under way costs nothing", slow, async ({ skip }) => {
  const network = await startNetwork({ closeMs: 0 });
  // What is tried again by itself is told in detail alone.
  const config = { endpoint: [network.endpoint], logLevel: "debug" };
  const machine = await newMachine({ config, months: [] });
  const ledger = machine.real("/srv/ledger");
  mountDisk(ledger, 1, skip);
  const months = yearMonths.slice(-3);
  writeMonths(ledger, months);
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("… anchoring … transaction under way: …");
  await machine.tries("dd if=/dev/zero of=/srv/ledger/nodes/filler bs=512");
  network.run();
  await machine.sees("  ! … MB free for …: make room");
  await machine.sees('…"code":"LEDGER_WRITE_FAILED"…', "journalctl");
  await machine.does("rm /srv/ledger/nodes/filler");
  // So small a disk stays on the list of what needs a human.
  await machine.sees("  2026-08  anchored …");
  expect(await faultsOf(machine, network, months)).toEqual([]);
});
