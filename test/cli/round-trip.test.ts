import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cli } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";
import { temporaryFolder } from "../support/settle.ts";

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
  const verdict = await cli(["verify", proof, "--trust", trust, "--format", "json"]);
  expect(JSON.parse(verdict.out)).toMatchObject({ verdict: "proven", account: { pinned: true } });
  expect(verdict.code).toBe(0);
  expect((await cli(["verify", proof, "--trust", trust])).out).toMatch(/^VERIFIED: PROVEN/);
  expect((await cli(["verify", proof, "--trust", trust, "--require", "proven"])).code).toBe(0);
  expect((await cli(["verify", proof])).code).toBe(3);

  writeFileSync(proof, readFileSync(proof, "utf8").replace(release?.payload.version ?? "", "9.9.9"));
  expect((await cli(["verify", proof, "--trust", trust])).code).toBe(1);

  const looked = await cli(["verify-tx", august?.transactionHash ?? "", "--trust", trust, "--format", "json", ...at]);
  expect(JSON.parse(looked.out)).toMatchObject({ verdict: "anchored", account: { pinned: true } });
  const after = await cli(["validate", "--ledger", ledger, "--now", "2026-11-21T12:00:00Z", "--format", "json"]);
  expect(JSON.parse(after.out)).toMatchObject({ valid: true, findings: [] });
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
