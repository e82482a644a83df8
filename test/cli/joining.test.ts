import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import type { Json } from "../support/build-ledger.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { json, put, refusals, release } from "./joining.ts";

/** What a release says in the dialect of a ledger. */
function unsigned(dialect: string, version: string): Json {
  const { type, payload } = release("acme/widget", version) as { readonly type: string; readonly payload: Json };
  if (dialect === "monthly") return { type, payload };
  const { repo, commit } = payload;
  const artifacts = [{ name: "widget.tgz", sha256: "ab".repeat(32), uri: "https://example.org/widget.tgz" }];
  return { type, repo: repo ?? "", version, commit: commit ?? "", artifacts, attestations: [] };
}

test.for(["monthly", "jsonl"])("a node's whole life in a %s network", async (dialect) => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  for (const name of ["repo", "network", "keys"]) mkdirSync(at(name));
  const [ledger, manifest] = [["--ledger", at("network")], at("repo/node.json")];
  let clock = "2026-03-20T12:00:00Z";
  const run = (...args: readonly string[]): Promise<CliResult> => cli(args, { SETTLEMENT_NOW: clock });
  const good = async (...args: readonly string[]): Promise<string> => {
    const result = await run(...args);
    expect({ args, ...result }).toMatchObject({ code: 0 });
    return result.out;
  };
  const refused = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { code, out } = await run(...args);
    expect(code).toBe(1);
    return refusals(out);
  };
  /** Signs what was given, wherever the signer stands: with the manifest it has, and with no other one. */
  const sign = async (version: string, key: string, keyId: string): Promise<string> => {
    const file = put(folder, `${version}.json`, unsigned(dialect, version));
    const [own, output] = [["--id", "acme/widget", "--key-id", keyId], at(`${version}.signed.json`)];
    await good("event", "sign", file, "--key-file", at(`keys/${key}`), "--dialect", dialect, ...own, "-o", output);
    return output;
  };
  const keyIds = (): readonly string[] => {
    const path = "network/nodes/acme/widget/node.json";
    return parseNodeManifest(json(folder, path)).maintainers.map(({ keyId = "" }) => keyId);
  };

  // keygen, init with that key, node add
  await good("keygen", "--out", at("keys/first.pem"), "--name", "Ada", "--comment", "ada@example.org");
  const init = ["init", at("repo"), "--id", "acme/widget", "--dialect", dialect, "--comment", "ada@example.org"];
  await good(...init, "--name", "Ada", "--key-file", at("keys/first.pem"));
  // a second key, kept elsewhere, as keygen advises
  const spare = ["--out", at("keys/spare.pem"), "--name", "Ada, offline", "--comment", "ada@example.org"];
  const { maintainer } = JSON.parse(await good("keygen", ...spare, "--format", "json")) as { maintainer: Json };
  const alone = json(folder, "repo/node.json");
  put(folder, "repo/node.json", { ...alone, maintainers: [...(alone["maintainers"] as Json[]), maintainer] });
  await good("node", "check", manifest);
  await good("node", "add", manifest, ...ledger);
  const [first = ""] = keyIds();

  // event sign and append; validate is green
  const one = await sign("1.0.0", "first.pem", first);
  expect(await good("event", "append", one, ...ledger)).toMatch(/^ACCEPTED .* leaf 0 of 2026-03$/m);
  expect(await good("event", "append", one, ...ledger)).toMatch(/^KNOWN /);
  expect(await good("validate", ...ledger)).toMatch(/^VALID/);
  expect(await good("event", "show", "acme/widget@1.0.0", ...ledger)).toContain("holds (acme/widget, key ");

  // rotate, from the next noon on
  clock = "2026-03-20T13:00:00Z";
  // the retiring key hands over itself, as is usual, and may be called compromised all the same
  const signing = dialect === "jsonl" ? ["--key-file", at("keys/first.pem")] : [];
  const rotation = ["--out", at("keys/second.pem"), "--at", "2026-03-21T12:00:00Z", "--dialect", dialect];
  await good("key", "rotate", "acme/widget", first, ...ledger, ...rotation, ...signing);
  const [, , second = ""] = keyIds();
  const early = await sign("1.0.1", "second.pem", second);
  expect(await refused("event", "append", early, ...ledger)).toEqual(["KEY_NOT_VALID"]);
  await good("event", "append", await sign("1.1.0", "first.pem", first), ...ledger);

  // the new key is taken, the old one no more
  clock = "2026-03-21T12:00:00Z";
  await good("event", "append", await sign("1.2.0", "second.pem", second), ...ledger);
  const late = await sign("1.2.1", "first.pem", first);
  expect(await refused("event", "append", late, ...ledger)).toEqual(["KEY_NOT_VALID"]);
  clock = "2026-03-20T14:00:00Z";
  const dated = await sign("1.2.2", "first.pem", first);
  clock = "2026-03-21T12:00:00Z";
  expect(await refused("event", "append", dated, ...ledger)).toEqual(["KEY_NOT_VALID_NOW"]);
  expect(await good("validate", ...ledger)).toMatch(/^VALID .*0 errors, 0 warnings/);

  // revoke the old key: compromised since after its first release
  clock = "2026-03-22T12:00:00Z";
  const revoking = dialect === "jsonl" ? ["--key-file", at("keys/second.pem")] : [];
  const compromise = ["--reason", "compromise", "--invalid-after", "2026-03-20T13:00:30Z", ...revoking];
  if (dialect === "jsonl") {
    const own = [...compromise.slice(0, 4), "--key-file", at("keys/first.pem")];
    expect(await refused("key", "revoke", "acme/widget", first, ...ledger, ...own)).toEqual(["KEY_EVENT_SIGNER"]);
  }
  await good("key", "revoke", "acme/widget", first, ...ledger, ...compromise);
  expect(await good("validate", ...ledger)).toMatch(/^VALID .*0 errors/m);
  expect((await run("event", "show", "acme/widget@1.0.0", ...ledger)).out).toContain(
    "nothing proves that the event existed",
  );
  expect(await good("event", "show", "acme/widget@1.2.0", ...ledger)).toContain("holds");
  expect(await refused("event", "append", await sign("1.3.0", "first.pem", first), ...ledger)).toEqual([
    "KEY_NOT_VALID",
  ]);
  await good("event", "append", await sign("1.3.1", "second.pem", second), ...ledger);
  expect(await good("validate", ...ledger)).toMatch(/^VALID .*0 errors/m);
});
