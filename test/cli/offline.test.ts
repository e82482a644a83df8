import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleFolder } from "../support/sample.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const noNetwork = new URL("../support/no-network.mjs", import.meta.url).href;
const root = mkdtempSync(join(tmpdir(), "settlement-offline-"));
const main = join(root, "package/dist/src/cli/main.js");
const [bundle, xpop, trust] = ["release.proof.json", "xpop.json", "trust.json"].map((name) => join(root, name)) as [
  string,
  string,
  string,
];

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The packaged program, in a process of its own. */
function settlement(args: readonly string[], node: readonly string[] = []): Ended {
  const env = { PATH: process.env["PATH"], SETTLEMENT_CLOSE_MS: "100" };
  return spawnSync(process.execPath, [...node, main, ...args], { cwd: root, env, encoding: "utf8" });
}

/** The same where nothing can reach the network. */
function offline(...args: readonly string[]): Ended {
  return settlement(args, ["--import", noNetwork]);
}

function done(...args: readonly string[]): void {
  const { status, stderr } = settlement(args);
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`);
}

/** One digit changed in each of so many places, spread over every hash, key, signature and blob that is written in hex. */
function altered(text: string, places: number): readonly string[] {
  const digits = Array.from(text.matchAll(/[0-9A-Fa-f]{64,}/g)).flatMap(([run], at, all) =>
    Array.from(run, (_, digit) => (all[at]?.index ?? 0) + digit),
  );
  return Array.from({ length: places }, (_, place) => {
    const at = digits[Math.floor(((place + 0.5) * digits.length) / places)] ?? 0;
    return `${text.slice(0, at)}${text.charAt(at) === "0" ? "1" : "0"}${text.slice(at + 1)}`;
  });
}

beforeAll(() => {
  const folder = join(root, "package");
  mkdirSync(folder);
  cpSync(join(checkout, "package.json"), join(folder, "package.json"));
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  const tsc = join(checkout, "node_modules/typescript/bin/tsc");
  const options = ["-p", join(checkout, "scripts/tsconfig.build.json"), "--noCheck", "--outDir", join(folder, "dist")];
  execFileSync(process.execPath, [tsc, ...options], { cwd: checkout });
  const [ledger, data] = [join(root, "ledger"), join(root, "data")];
  cpSync(sampleFolder, ledger, { recursive: true });
  const at = ["--ledger", ledger, "--data", data];
  done("close", "2026-08", "--origin", "sample.example", ...at);
  done("anchor", "2026-08", ...at);
  done("prove", "tidewater-labs/tidegauge@1.4.0", "-o", bundle, ...at);
  cpSync(join(ledger, "anchors/2026-08/xpop.json"), xpop);
  cpSync(join(data, "trust.json"), trust);
  // The network was in the process that has ended; what it wrote goes too.
  rmSync(ledger, { recursive: true });
  rmSync(data, { recursive: true });
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("with the service, its data and the network gone", () => {
  test("a process without a network is one", () => {
    const place = ["--ledger", sampleFolder, "--network", "testnet", "--endpoint", "wss://127.0.0.1:1"];
    const { status, stderr } = offline("verify-tx", "AB".repeat(32), ...place);
    expect([status, stderr]).toEqual([99, expect.stringContaining("reached for the network") as string]);
  });

  test("the bundle is proven, by its validators' signatures", () => {
    const text = offline("verify", bundle, "--trust", trust);
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(text.stdout).toMatch(/^VERIFIED: PROVEN {2}ReleasePublished tidewater-labs\/tidegauge 1\.4\.0/);
    const json = offline("verify", bundle, "--trust", trust, "--require", "proven", "--format", "json");
    const { verdict, layers } = JSON.parse(json.stdout) as {
      readonly verdict: string;
      readonly layers: readonly { readonly layer: string; readonly status: string }[];
    };
    expect(verdict).toBe("proven");
    expect(layers.filter(({ status }) => status !== "pass")).toEqual([]);
  });

  test("the XPOP alone is proven too", () => {
    expect(offline("verify", xpop, "--trust", trust)).toMatchObject({ status: 0, stderr: "" });
  });

  test("without the publisher's key it convinces nobody", () => {
    const own = JSON.parse(readFileSync(trust, "utf8")) as object;
    const less = join(root, "less.json");
    writeFileSync(less, JSON.stringify({ ...own, publishers: [], logs: [] }));
    expect(offline("verify", bundle, "--trust", less)).toMatchObject({ status: 3 });
  });

  test("no altered bundle is proven", () => {
    const file = join(root, "altered.json");
    const outcomes = altered(readFileSync(bundle, "utf8"), 3).map((text) => {
      writeFileSync(file, text);
      const { status, stderr } = offline("verify", file, "--trust", trust);
      return status === 1 || status === 2 ? "refused" : `${status} ${stderr}`;
    });
    expect(outcomes).toEqual(outcomes.map(() => "refused"));
  });
});
