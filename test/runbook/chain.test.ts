import { expect, test } from "vitest";
import { month, monthBefore, newMachine, slow } from "./machine.ts";
import { walk } from "./page.ts";
import { writeMonths } from "./small-ledger.ts";
import { anchorsOf, fund, startDrainingNetwork, startNetwork } from "./xrpl.ts";

const publicName = "xrpl-63456";

test("an account that is empty is named, and the node goes on when it is paid", slow, async () => {
  const page = walk("The account is empty");
  const network = await startNetwork();
  const machine = await newMachine({ config: { network: publicName, endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  // Ten anchors above the reserve, which is less than the operator wants.
  fund(network.engine, machine.account, 1_000_100);
  await machine.does(page.sh());
  await machine.sees(page.text());
  await machine.does("admin reconcile --data '{}'");
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

test("a fee above the cap is waited for, or paid when the cap is raised", slow, async () => {
  const page = walk("The fee is above the cap");
  const network = await startNetwork();
  const machine = await newMachine({ config: { network: publicName, endpoint: [network.endpoint], feeCap: 9 } });
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(0);
  machine.configure(page.json());
  await machine.does(page.sh());
  await machine.sees(page.text());
});

test("servers that are away are told of, and the node goes on when they are back", slow, async () => {
  const page = walk("XRPL servers do not answer, or not alike");
  const network = await startNetwork();
  await network.stop();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  await network.begin();
  await machine.does(page.sh());
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

test("a network that was reset is believed again when it is forgotten", slow, async () => {
  const page = walk("A server shows another chain");
  const network = await startNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] }, months: [monthBefore] });
  await machine.does("settlement close 2026-07 && settlement anchor 2026-07");
  await network.stop();
  await network.begin();
  writeMonths(machine.real("/srv/ledger"), [month]);
  await machine.does("systemctl start settlement");
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  await machine.sees(page.text());
  // On the new chain there is only what was anchored since.
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
  page.sh();
});

test("a transaction that was under way when the network was reset is left behind with the state", slow, async () => {
  const page = walk("A server shows another chain");
  const network = await startNetwork({ closeMs: 0 });
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  for (let ledgers = 0; ledgers < 40; ledgers++) network.engine.accept();
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-08  anchoring … transaction under way: …");
  await machine.kill();
  await network.stop();
  await network.begin();
  network.run();
  page.text();
  const said = await machine.does(page.sh());
  page.text();
  page.text();
  expect(said).toMatch(/was signed for the network as it was/);
  await machine.sees("  2026-08  anchoring …\n  ! 2026-08  CHAIN_ANSWER_REFUTED: …");
  await machine.does(page.sh());
  await machine.sees("  2026-08  anchored …\nNothing needs a human.");
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});

test("a transaction that failed is followed by another on the word of a human", slow, async () => {
  const page = walk("A transaction failed");
  const network = await startDrainingNetwork();
  const machine = await newMachine({ config: { endpoint: [network.endpoint] } });
  fund(network.engine, machine.account, 100_000_000);
  await machine.does("systemctl start settlement");
  await machine.sees("  2026-08  anchoring … transaction under way: …");
  network.drain(machine.account);
  await machine.sees(page.text());
  machine.expectShown(await machine.does(page.sh()), page.text());
  fund(network.engine, machine.account, 100_000_000);
  machine.expectShown(await machine.does(page.sh()), page.text());
  network.run();
  await machine.sees(page.text());
  expect(anchorsOf(network.engine, machine.account)).toHaveLength(1);
});
