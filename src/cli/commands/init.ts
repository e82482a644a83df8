import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf } from "../../adapters/file-system.ts";
import { type NewFile, refuseExisting, writeNewFiles } from "../../adapters/new-files.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { type NodeKind, nodeKinds } from "../../core/event-types.ts";
import { parsePublicKey } from "../../core/identity.ts";
import type { Dialect } from "../../core/ledger-event.ts";
import { newNode } from "../../core/make-node.ts";
import { isProfileName } from "../../core/release-profile.ts";
import type { CommandSpec, Context } from "../command.ts";
import { columns, harmless, type Io, styled, wrapped } from "../io.ts";
import { discardKey, type MadeKey, maintainerOf, makeKey, secondKey } from "../join/make-key.ts";
import { readNode } from "../join/node-facts.ts";
import { nowOf, openWritable } from "../join/open-writable.ts";
import { signingKey } from "../join/signing-key.ts";
import { releases, workflow, type WorkflowFor } from "../join/templates.ts";
import { identitiesGiven } from "./identity.ts";

interface Plan extends WorkflowFor {
  readonly folder: string;
  readonly profile: string;
}

async function dialectOf({ config, io }: Context): Promise<Dialect> {
  if (config.dialect !== undefined) return config.dialect === "jsonl" ? "jsonl" : "monthly";
  if (!config.given.has("ledger")) return "monthly";
  const { door } = await (await openWritable(config, io)).door();
  return door.dialect() ?? "monthly";
}

async function planOf(context: Context, folder: string): Promise<Plan> {
  const { config } = context;
  const { id, profile = "baseline", url, repository } = config;
  if (id === undefined) throw new SettlementError("CONFIG_INVALID", "init needs --id: the node's name, org/repo");
  if (!isProfileName(profile)) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "--profile takes baseline, open-source, regulated or a profile of the network",
    );
  }
  if (url !== undefined && repository !== undefined) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "events are handed in to --url or to --repository; give one of the two",
    );
  }
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SettlementError("OUTPUT_UNWRITABLE", `${folder} is no folder; name that of the repository`);
  }
  const kind: NodeKind = nodeKinds.find((known) => known === config.kind) ?? "compute";
  return { folder, id, kind, profile, url, repository, dialect: await dialectOf(context) };
}

/** Where a new key goes that has no place: among the user's settings, outside of every repository. */
function usualKeyPath({ env }: Io, id: string): string {
  const { XDG_CONFIG_HOME: settings, HOME: home } = env;
  const folder = settings ?? (home === undefined ? undefined : join(home, ".config"));
  if (folder === undefined || folder === "") {
    throw new SettlementError(
      "CONFIG_INVALID",
      "init needs --out for the new key, or --key-file for one that is there",
    );
  }
  return join(folder, "settlement", `${id.replace("/", "-")}.pem`);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SettlementError("OUTPUT_UNWRITABLE", `${path} cannot be made (${errnoOf(cause)}); choose another --out`, {
      cause,
    });
  }
}

/** The key of the node: given as a file, in the environment, or made now. */
async function keyOf({ config, io }: Context, id: string): Promise<MadeKey> {
  const { keyFile, key, out, sshOut } = config;
  const isGiven = keyFile !== undefined || key !== undefined;
  if (isGiven && out !== undefined) {
    throw new SettlementError("CONFIG_INVALID", "--out makes a key and --key-file names one; give one of the two");
  }
  if (isGiven) {
    const publicKey =
      keyFile === undefined ? signingKey(config).publicKey : parsePublicKey(identitiesGiven(keyFile).pem);
    return { files: [], publicKey, maintainer: maintainerOf(publicKey, config, id) };
  }
  const path = out ?? usualKeyPath(io, id);
  if (out === undefined) makeFolder(dirname(path));
  const made = await makeKey(path, sshOut, config);
  return { ...made, maintainer: maintainerOf(made.publicKey, config, id) };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function pathsOf(plan: Plan): readonly string[] {
  return ["node.json", "repomesh.profile.json", workflow(plan).path];
}

async function filesOf(plan: Plan, { maintainer }: MadeKey, config: Config): Promise<readonly NewFile[]> {
  const { id, kind, profile } = plan;
  const { provides, consumes } = config;
  const node = jsonText(newNode({ id, kind, provides, consumes, maintainer }));
  const { faults } = await readNode(Buffer.from(node), nowOf(config));
  const [fault] = faults;
  if (fault) throw new SettlementError("NODE_MALFORMED", fault.reason ?? "the manifest is malformed");
  const choice = { profileId: profile, profileVersion: "v1" };
  const { path, text } = workflow(plan);
  return [
    { path: "node.json", text: node },
    { path: "repomesh.profile.json", text: jsonText(choice) },
    { path, text },
  ];
}

/** What the user does now, each a line. */
function nextSteps(plan: Plan, { files }: MadeKey, { ledger, given }: Config): readonly string[] {
  const { id, url, repository } = plan;
  const [key = "the key's file"] = files;
  const network = given.has("ledger") ? ledger : (repository ?? "../network");
  const path = workflow(plan).path;
  return [
    "look at node.json, above all at provides and invariants: it is what the network believes of you",
    `join: settlement node add node.json --ledger ${network}, in a commit that your key signs, or send node.json to whoever keeps the ledger`,
    `give the workflow the key: gh secret set SETTLEMENT_KEY --repo ${id} < ${key}`,
    ...(repository === undefined ? [] : [`and a token for ${repository}: gh secret set LEDGER_TOKEN --repo ${id}`]),
    ...(repository === undefined && url === undefined
      ? [`and the address of the settlement node: gh variable set SETTLEMENT_URL --repo ${id}`]
      : []),
    releases(plan)
      ? `commit what was written, and push a tag: git tag v1.0.0 && git push origin v1.0.0`
      : `commit what was written, and start ${path} with the file of an event`,
  ];
}

function text(io: Io, plan: Plan, made: MadeKey, paths: readonly string[], next: readonly string[]): string {
  const rows: [string, string][] = [
    ...paths.map((path): [string, string] => ["wrote", harmless(join(plan.folder, path))]),
    ...made.files.map((path): [string, string] => [
      "key",
      `${harmless(path)}, mode 0600; there is no other copy, back it up`,
    ]),
  ];
  const steps = next.map((step, at) => `  ${at + 1}. ${wrapped(io, harmless(step), 5)}\n`).join("");
  const advice = `${styled(io, "yellow", "ADVICE")}  ${wrapped(io, secondKey, 8)}\n`;
  return `${styled(io, "green", "✓")} ${plan.id} is ready to join (${plan.kind}, ${plan.dialect} dialect)\n${columns(rows)}\nNext:\n${steps}\n${advice}`;
}

export const init: CommandSpec = {
  name: "init",
  usage: "[DIR]",
  about:
    "Make a repository ready to join a network: node.json, repomesh.profile.json and a GitHub workflow that signs its events and hands them in, and a key outside of git unless one is given. Nothing that is there is overwritten, and either all is written or nothing.",
  settings: [
    "id",
    "kind",
    "profile",
    "provides",
    "consumes",
    "keyFile",
    "out",
    "sshOut",
    "name",
    "comment",
    "dialect",
    "ledger",
    "policy",
    "url",
    "repository",
    "now",
    "format",
  ],
  examples: [
    "init --id your-org/your-repo --comment you@example.org --url https://ledger.example.org",
    "init --id your-org/your-repo --kind attestor --key-file ~/.config/maintainer.pem --repository network-org/network",
  ],
  async run(context, [folder = "."]) {
    const { config, format, io } = context;
    const plan = await planOf(context, folder);
    refuseExisting(
      folder,
      pathsOf(plan).map((path) => ({ path })),
    );
    const made = await keyOf(context, plan.id);
    const files = await writtenFiles(plan, made, config);
    const next = nextSteps(plan, made, config);
    io.out(
      format === "json"
        ? `${JSON.stringify({ id: plan.id, kind: plan.kind, dialect: plan.dialect, files, key: made.files, maintainer: made.maintainer, next }, null, 2)}\n`
        : text(io, plan, made, files, next),
    );
    return 0;
  },
};

/** Writes everything; a key that was made for it goes again when that fails. */
async function writtenFiles(plan: Plan, made: MadeKey, config: Config): Promise<readonly string[]> {
  try {
    const files = await filesOf(plan, made, config);
    writeNewFiles(plan.folder, files);
    return files.map(({ path }) => path);
  } catch (error) {
    discardKey(made);
    throw error;
  }
}
