import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { idBytes } from "../../src/core/event.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "../../src/core/tlog-proof.ts";
import { parseTrust } from "../../src/core/trust.ts";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";
import { cli } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";
import { temporaryFolder, testAccountSeed } from "../support/settle.ts";

interface Status {
  readonly months: readonly {
    readonly month: string;
    readonly state: string;
    readonly transactionHash: string | null;
  }[];
}

test("validate, close, anchor, prove, verify, and look the transaction up again", async () => {
  const folder = temporaryFolder();
  const [ledger, data, proof] = [join(folder, "ledger"), join(folder, "data"), join(folder, "release.proof.json")];
  cpSync(sampleFolder, ledger, { recursive: true });
  const at = ["--ledger", ledger, "--data", data];

  const judged = await cli(["validate", "--ledger", ledger, "--now", "2026-11-21T12:00:00Z", "--format", "json"]);
  expect(JSON.parse(judged.out)).toMatchObject({ valid: true, dialect: "monthly", findings: [] });
  expect(judged.code).toBe(0);

  expect(await cli(["anchor", "2026-08", ...at])).toMatchObject({
    code: 3,
    err: expect.stringContaining("PARTITION_NOT_CLOSED") as string,
  });
  expect(await cli(["close", "2026-08", "--origin", "sample.example", ...at])).toMatchObject({ code: 0 });
  expect((await cli(["close", "2026-08", ...at])).out).toContain("was closed before");

  const plan = await cli(["anchor", "2026-08", "--dry-run", "--format", "json", ...at]);
  expect(JSON.parse(plan.out)).toMatchObject({ found: null, status: { isLocal: true, networkId: 63_456 } });
  const before = JSON.parse((await cli(["status", "--format", "json", ...at])).out) as Status;
  expect(before.months[0]).toMatchObject({ month: "2026-08", state: "closed", transactionHash: null });

  expect((await cli(["anchor", "2026-08", ...at])).out).toContain("convinces nobody else");
  const [august] = (JSON.parse((await cli(["status", "--format", "json", ...at])).out) as Status).months;
  expect(august).toMatchObject({
    state: "anchored",
    transactionHash: expect.stringMatching(/^[0-9A-F]{64}$/) as string,
  });

  const events = JSON.parse(readFileSync(join(ledger, "2026-08.json"), "utf8")) as readonly {
    id: string;
    type: string;
    payload: { repo: string; version: string };
  }[];
  const release = events.find(({ type }) => type === "ReleasePublished");
  expect(
    (await cli(["prove", `${release?.payload.repo ?? ""}@${release?.payload.version ?? ""}`, "-o", proof, ...at])).out,
  ).toContain(release?.id);
  const trust = join(data, "trust.json");
  const spelt = async (spelling: string): Promise<string> =>
    (await cli(["prove", release?.id ?? "", "--spelling", spelling, ...at])).out;
  const tlogProof = await spelt("tlog-proof");
  expect(await spelt("checkpoint")).toBe(readFileSync(join(ledger, "anchors/2026-08/checkpoint"), "utf8"));
  expect(await spelt("xpop")).toBe(readFileSync(join(ledger, "anchors/2026-08/xpop.json"), "utf8"));
  expect(formatTlogProof(parseTlogProof(tlogProof))).toBe(tlogProof);
  const { logs } = parseTrust(JSON.parse(readFileSync(trust, "utf8")) as JsonValue);
  const entry = idBytes(release?.id ?? "");
  expect(verifyTlogProof(parseTlogProof(tlogProof), entry, logs)).toMatchObject({
    origin: "sample.example/ledger/2026-08",
  });
  expect(JSON.parse(await spelt("merkletreejs"))).toHaveProperty("positional");
  expect(JSON.parse(await spelt("rekor"))).toHaveProperty("checkpoint");
  expect(JSON.parse(await spelt("rfc6962"))).toHaveProperty("audit_path");
  expect(await cli(["prove", release?.id ?? "", "--spelling", "chainpoint", ...at])).toMatchObject({ code: 2 });
  const verdict = await cli(["verify", proof, "--trust", trust, "--format", "json"]);
  expect(JSON.parse(verdict.out)).toMatchObject({ verdict: "proven", account: { pinned: true } });
  expect(verdict.code).toBe(0);
  expect((await cli(["verify", proof, "--trust", trust])).out).toMatch(/^VERIFIED: PROVEN/);
  expect((await cli(["verify", proof, "--trust", trust, "--require", "proven"])).code).toBe(0);
  expect((await cli(["verify", proof])).code).toBe(3);

  writeFileSync(proof, readFileSync(proof, "utf8").replace(release?.payload.version ?? "", "9.9.9"));
  expect((await cli(["verify", proof, "--trust", trust])).code).toBe(1);

  const looked = await cli(["verify-tx", august?.transactionHash ?? "", "--trust", trust, "--format", "json", ...at]);
  expect(JSON.parse(looked.out)).toMatchObject({
    verdict: "anchored",
    account: { pinned: true },
    server: expect.stringMatching(/^ws:/) as string,
    layers: [
      { layer: "ledger", restsOn: "mathematics" },
      { layer: "transaction", restsOn: "mathematics" },
      { layer: "account", restsOn: "pins" },
      { layer: "memo", restsOn: "mathematics" },
      { layer: "inclusion", restsOn: "mathematics" },
      { layer: "validators", status: "unproven", restsOn: "server" },
    ],
  });
  const after = await cli(["validate", "--ledger", ledger, "--now", "2026-11-21T12:00:00Z", "--format", "json"]);
  expect(JSON.parse(after.out)).toMatchObject({ valid: true, findings: [] });
});

test("verify-tx asks the server it is given, and says what rests on its word", async () => {
  const folder = temporaryFolder();
  const [ledger, data] = [join(folder, "ledger"), join(folder, "data")];
  cpSync(sampleFolder, ledger, { recursive: true });
  const localnet = await startLocalnet({ closeMs: 100, validators: { count: 5, seed: "asked" } });
  onTestFinished(() => localnet.close());
  const seed = join(folder, "seed");
  writeFileSync(seed, testAccountSeed, { mode: 0o600 });
  const at = ["--ledger", ledger, "--data", data, "--server", localnet.wsUrl];
  expect(await cli(["close", "2026-08", "--origin", "sample.example", ...at.slice(0, 4)])).toMatchObject({ code: 0 });
  const anchored = await cli(["anchor", "2026-08", "--seed-file", seed, "--format", "json", ...at]);
  expect([anchored.code, anchored.err]).toEqual([0, ""]);
  const { receipts } = JSON.parse(anchored.out) as {
    readonly receipts: readonly { readonly transactionHash: string }[];
  };
  const hash = receipts[0]?.transactionHash ?? "";
  const { code, out } = await cli(["verify-tx", hash, "--trust", join(data, "trust.json"), ...at]);
  expect(code).toBe(0);
  const lines = out.split("\n");
  const [mathematics, pins, word] = ["Mathematics", "Your pins", `The word of ${localnet.wsUrl}`].map((title) =>
    lines.findIndex((line) => line.startsWith(title)),
  );
  const layersIn = (from = 0, to = lines.length): readonly string[] =>
    lines.slice(from, to).flatMap((line) => /^ {2}[✓✗?] (\w+)/.exec(line)?.[1] ?? []);
  expect(layersIn(mathematics, pins)).toEqual(["ledger", "transaction", "memo", "inclusion"]);
  expect(layersIn(pins, word)).toEqual(["account"]);
  expect(layersIn(word)).toEqual(["validators"]);
});

test("the local network says where it is in one line of JSON, and stops when told", async () => {
  const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [main, "localnet", "--port", "0", "--rpc-port", "0", "--close-ms", "0", "--network-id", "4242", "--format", "json"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { rpc, networkId } = JSON.parse(line) as { readonly rpc: string; readonly networkId: number };
  expect(networkId).toBe(4242);
  const ask = async (method: string): Promise<unknown> => {
    const response = await fetch(rpc, { method: "POST", body: JSON.stringify({ method, params: [{}] }) });
    return ((await response.json()) as { result: unknown }).result;
  };
  const { ledger_current_index: before } = (await ask("ledger_accept")) as { ledger_current_index: number };
  expect(await ask("ledger_accept")).toMatchObject({ ledger_current_index: before + 1, status: "success" });
  expect(await ask("server_info")).toMatchObject({ info: { network_id: 4242, local_network: true } });
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
