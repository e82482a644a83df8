import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ReleaseView } from "../../src/core/release-view.ts";
import { type Running, runSample } from "./running.ts";

/** January is anchored by a transaction whose ledger closed 2026-03-28T08:00:10Z, February is closed, March open. */
let run: Running;
beforeAll(async () => {
  run = await runSample();
});
afterAll(() => run[Symbol.asyncDispose]());

async function view(path: string): Promise<ReleaseView & { readonly ok: boolean }> {
  return (await (await run.get(`/v1/releases/acme/compiler/${path}`)).json()) as ReleaseView & { readonly ok: boolean };
}

describe("a release", () => {
  test.for([
    ["1.0.0", "PASS", "proven"],
    ["1.0.0?require=anchored", "PASS", "proven"],
    ["1.0.0?profile=regulated&require=anchored", "FAIL", "proven"],
    ["1.1.0", "UNVERIFIED", "unproven"],
    ["1.1.0?require=anchored", "UNVERIFIED", "unproven"],
    ["2.0.0?require=anchored-or-local", "UNVERIFIED", null],
  ] as const)("%s: %s, %s", async ([path, verdict, anchor]) => {
    const found = await view(path);
    expect(found).toMatchObject({ verdict, ok: verdict === "PASS", anchors: { month: { verdict: anchor } } });
  });

  test("that nobody made is 404, and a wrong question 400", async () => {
    for (const [path, status] of [
      ["/v1/releases/acme/compiler/9.9.9", 404],
      ["/v1/badges/acme/nobody.svg", 404],
      ["/v1/releases/acme/compiler/1.0.0?require=all", 400],
      ["/v1/releases/acme/compiler/1.0.0?profile=../x", 400],
    ] as const) {
      expect([path, (await run.get(path)).status]).toEqual([path, status]);
    }
  });
});

describe("a key that is declared compromised after its releases", () => {
  const manifest = "nodes/acme/compiler/node.json";

  async function compromise(invalidAfter: string): Promise<void> {
    const { files } = run.sample;
    const node = JSON.parse(files[manifest] ?? "{}") as { maintainers: JsonObject[] };
    const window = { revokedAt: "2026-04-01T00:00:00Z", revocationReason: "compromise", invalidAfter };
    node.maintainers = node.maintainers.map((key) => ({ ...key, ...window }));
    files[manifest] = JSON.stringify(node);
  }

  test("fails those that no ledger witnessed before", async () => {
    await compromise("2026-03-30T00:00:00Z");
    expect((await view("1.0.0?require=anchored")).verdict).toBe("PASS");
    expect((await view("1.1.0")).failures[0]).toMatchObject({ verdict: "FAIL", check: "signed" });
  });

  test("fails those that were witnessed after", async () => {
    await compromise("2026-03-01T00:00:00Z");
    expect((await view("1.0.0?require=anchored")).failures[0]).toMatchObject({ verdict: "FAIL", check: "signed" });
  });
});

test("anchored by another account than the one that is pinned, it fails", async () => {
  const { trust } = run.deps;
  const accounts = [{ network: "local" as const, account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" }];
  await using other = await runSample({ trust: { ...trust, accounts } });
  const answer = (await (await other.get("/v1/releases/acme/compiler/1.0.0")).json()) as ReleaseView;
  expect(answer.failures).toMatchObject([{ verdict: "FAIL", check: "ledger.intact" }]);
});

describe("with the files of its network", () => {
  test("its policy says who may attest; what is wrong with it is no fault of the request", async () => {
    const files: Record<string, string> = { "verifier.policy.json": '{"trustedAttestors":[]}', "ledger/nodes": "" };
    await using other = await runSample({ place: { tree: memoryTree(files), prefix: "ledger" } });
    const answer = await other.get("/v1/releases/acme/compiler/1.0.0");
    // The table of kinds decides in this dialect.
    expect(await answer.json()).toMatchObject({ verdict: "PASS" });
    await using broken = await runSample({
      place: { tree: memoryTree({ "verifier.policy.json": "{" }), prefix: "ledger" },
    });
    expect((await broken.get("/v1/releases/acme/compiler/1.0.0")).status).toBe(503);
    expect((await broken.get("/v1/events")).status).toBe(200);
  });
});

test("badges are SVG that no page runs anything of", async () => {
  const answer = await run.get("/v1/badges/acme/auditor.svg");
  expect(answer.headers.get("Content-Type")).toBe("image/svg+xml");
  expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  expect(await answer.text()).toContain("acme/auditor: attestor, registered");
});
