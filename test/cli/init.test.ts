import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { nodeKinds } from "../../src/core/event-types.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { parsePrivateKeyPem } from "../../src/core/public-key.ts";
import { parseProfileChoice } from "../../src/core/release-profile.ts";
import { schemaFaults } from "../../src/validate/schema-faults.ts";
import { version } from "../../src/version.ts";
import { jsonlFiles, pemOf } from "../support/build-ledger.ts";
import { folderOf } from "../support/accepting.ts";
import { cli } from "../support/cli.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";
import { json, keyFile, now, put, read } from "./joining.ts";

let folder: string;
let repo: string;
let env: Record<string, string>;

beforeEach(() => {
  folder = temporaryFolder();
  repo = join(folder, "repo");
  mkdirSync(repo);
  env = { XDG_CONFIG_HOME: join(folder, "settings"), SETTLEMENT_NOW: now };
});

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly run?: string; readonly env?: Record<string, string> }[] }>
  >;
}

function workflowIn(): Workflow {
  const [name = ""] = readdirSync(join(repo, ".github/workflows"));
  return parse(read(repo, `.github/workflows/${name}`)) as Workflow;
}

function stepsIn(workflow: Workflow): Workflow["jobs"][string]["steps"] {
  return Object.values(workflow.jobs).flatMap(({ steps }) => steps);
}

describe("settlement init", () => {
  test("makes a manifest that a ledger takes, a profile, a workflow, and a key outside of the repository", async () => {
    const { code, out, err } = await cli(["init", repo, "--id", "acme/widget", "--comment", "a@example.org"], env);
    expect([code, err]).toEqual([0, ""]);
    const files = [".github/workflows/repomesh-release.yml", "node.json", "repomesh.profile.json"];
    expect(Object.keys(await textsIn(repo))).toEqual(files);
    const node = json(repo, "node.json");
    expect(schemaFaults("node", node)).toEqual([]);
    expect(parseProfileChoice(json(repo, "repomesh.profile.json"))).toBe("baseline");
    const key = join(folder, "settings/settlement/acme-widget.pem");
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const [maintainer] = parseNodeManifest(node).maintainers;
    expect(maintainer?.publicKey).toEqual(publicKeyOf(parsePrivateKeyPem(readFileSync(key, "utf8"))));
    expect(maintainer).toMatchObject({ name: "a@example.org", contact: "a@example.org" });
    expect(out).toContain(key);
    const ledger = join(folder, "network");
    mkdirSync(ledger);
    expect(await cli(["node", "add", join(repo, "node.json"), "--ledger", ledger], env)).toMatchObject({ code: 0 });
  });

  test.for(nodeKinds)("the manifest of kind %s is good, and its workflow is YAML", async (kind) => {
    const pem = keyFile(folder, "ada");
    const { code } = await cli(["init", repo, "--id", "acme/widget", "--kind", kind, "--key-file", pem], env);
    expect(code).toBe(0);
    expect(await cli(["node", "check", join(repo, "node.json")], env)).toMatchObject({ code: 0 });
    expect(json(repo, "node.json")).toMatchObject({ kind, maintainers: [{ publicKey: pemOf("ada") }] });
    expect(existsSync(env["XDG_CONFIG_HOME"] ?? "")).toBe(false);
    const { on } = workflowIn();
    expect(Object.keys(on)).toEqual([kind === "compute" ? "push" : "workflow_dispatch"]);
  });

  test.for([
    ["monthly", "http"],
    ["monthly", "pull-request"],
    ["jsonl", "http"],
    ["jsonl", "pull-request"],
  ] as const)("a workflow of the %s dialect that hands in by %s", async ([dialect, by]) => {
    const how = by === "http" ? ["--url", "https://ledger.example.org/net/"] : ["--repository", "net-org/network"];
    const pem = keyFile(folder, "ada");
    const args = ["init", repo, "--id", "acme/widget", "--key-file", pem, "--dialect", dialect, ...how];
    expect((await cli(args, env)).code).toBe(0);
    const workflow = workflowIn();
    const steps = stepsIn(workflow);
    const runs = steps.map(({ run = "" }) => run).join("\n");
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(runs.match(/npx --yes \S+/g)).toEqual(Array(2).fill(`npx --yes repomesh-settlement@${version}`));
    expect(runs).toContain(`--dialect ${dialect}`);
    expect(runs).toContain(by === "http" ? "event submit" : "event append");
    // What others choose never becomes part of a script, and the key is where it signs and nowhere else.
    expect(runs).not.toContain("${{");
    expect(JSON.stringify(workflow)).not.toMatch(/@[A-Z_]+@/);
    expect(steps.filter((step) => step.env?.["SETTLEMENT_KEY"] !== undefined)).toHaveLength(1);
    const address = steps.flatMap((step) => step.env?.["SETTLEMENT_URL"] ?? []);
    expect(address).toEqual(by === "http" ? ["https://ledger.example.org/net/"] : []);
  });

  test("takes the dialect of the ledger that it is to join", async () => {
    const network = folderOf(jsonlFiles());
    const pem = keyFile(folder, "ada");
    const args = ["init", repo, "--id", "acme/gear", "--kind", "attestor", "--key-file", pem, "--ledger", network];
    const { out } = await cli([...args, "--format", "json"], env);
    expect(JSON.parse(out)).toMatchObject({ dialect: "jsonl", key: [], kind: "attestor" });
    expect(stepsIn(workflowIn()).some(({ run }) => run?.includes("--dialect jsonl"))).toBe(true);
  });

  test.for(["node.json", "repomesh.profile.json", ".github/workflows/repomesh-release.yml"])(
    "where there is a %s, nothing is written, and no key made",
    async (path) => {
      put(repo, path, "mine\n");
      const { code, err } = await cli(["init", repo, "--id", "acme/widget"], env);
      expect(code).toBe(2);
      expect(err).toMatch(/^OUTPUT_UNWRITABLE: .* is there already/);
      expect(err).toContain(path);
      expect(await textsIn(repo)).toEqual({ [path]: "mine\n" });
      expect(existsSync(env["XDG_CONFIG_HOME"] ?? "")).toBe(false);
    },
  );

  test("what cannot be written whole is not written in part: a file where a folder is needed", async () => {
    put(repo, ".github", "a file\n");
    const key = join(folder, "new.pem");
    const { code, err } = await cli(["init", repo, "--id", "acme/widget", "--out", key], env);
    expect(code).toBe(2);
    expect(err).toMatch(/^OUTPUT_UNWRITABLE: .*so nothing was/);
    expect(await textsIn(repo)).toEqual({ ".github": "a file\n" });
    expect(existsSync(key)).toBe(false);
  });

  test.skipIf(process.getuid?.() === 0)("nor where the folder cannot be written", async () => {
    chmodSync(repo, 0o500);
    expect((await cli(["init", repo, "--id", "acme/widget"], env)).err).toMatch(/^OUTPUT_UNWRITABLE/);
  });

  test.for<[string, readonly string[], string]>([
    ["no id", [], "CONFIG_INVALID: init needs --id"],
    ["an id that is none", ["--id", "../.."], "CONFIG_INVALID: --id must be written org/repo"],
    ["a kind that is none", ["--id", "a/b", "--kind", "king"], "CONFIG_INVALID: --kind must be one of registry"],
    ["a capability that is none", ["--id", "a/b", "--provides", "Things"], "CONFIG_INVALID: --provides must be"],
    ["a profile that is a path", ["--id", "a/b", "--profile", "../x"], "CONFIG_INVALID: --profile takes"],
    ["an address without TLS", ["--id", "a/b", "--url", "http://example.org"], "CONFIG_INVALID: --url must be"],
    ["an address with a user", ["--id", "a/b", "--url", "https://u:p@example.org"], "CONFIG_INVALID: --url must be"],
    ["two ways", ["--id", "a/b", "--url", "https://x.org", "--repository", "a/c"], "CONFIG_INVALID: events are handed"],
    ["a folder that is none", ["NOWHERE", "--id", "a/b"], "OUTPUT_UNWRITABLE: "],
    ["a key twice", ["--id", "a/b", "--key-file", "x", "--out", "y"], "CONFIG_INVALID: --out makes a key"],
    ["a key that is none", ["--id", "a/b", "--key-file", "/nowhere.pem"], "USAGE_INVALID: "],
  ])("refuses %s", async ([, args, message]) => {
    const at = args[0] === "NOWHERE" ? [join(folder, "nowhere"), ...args.slice(1)] : [repo, ...args];
    const { code, err } = await cli(["init", ...at], env);
    expect(code).toBe(2);
    expect(err.startsWith(message)).toBe(true);
    expect(await textsIn(repo)).toEqual({});
  });

  test("a key in the environment is the node's, and shown nowhere", async () => {
    const pem = readFileSync(keyFile(folder, "ada"), "utf8");
    const { code, out, err } = await cli(["init", repo, "--id", "acme/widget"], { ...env, SETTLEMENT_KEY: pem });
    expect(code).toBe(0);
    expect(json(repo, "node.json")).toMatchObject({ maintainers: [{ publicKey: pemOf("ada") }] });
    const shown = out + err + Object.values(await textsIn(repo)).join("");
    expect(shown).not.toContain(pem.split("\n")[1]);
  });

  test("the templates are in the package", () => {
    const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      readonly files: readonly string[];
    };
    expect(manifest.files).toContain("scripts/templates");
  });
});
