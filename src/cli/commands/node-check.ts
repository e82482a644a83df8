import { existsSync } from "node:fs";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { readFile } from "../../adapters/plain-file.ts";
import { SettlementError } from "../../core/error.ts";
import { isNodeId } from "../../core/node-id.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import { columns, harmless, type Io, styled } from "../io.ts";
import type { CommandSpec, Context } from "../command.ts";
import { type Answer, refusalOf, refusalText, showAnswers } from "../join/answers.ts";
import { manifestPath, proposeNode } from "../../compose-nodes.ts";
import { readGiven } from "../join/given-files.ts";
import { type KeyFacts, keyFacts, readNode, unmetOf } from "../join/node-facts.ts";
import { isEmptyFolder, judgingOf, nowOf, openWritable, type WritableLedger } from "../join/open-writable.ts";

interface CheckFacts {
  readonly id: string;
  readonly kind: string;
  readonly keys: readonly KeyFacts[];
  /** Null where no ledger was asked. */
  readonly accepted: boolean | null;
  readonly errors: readonly Answer[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** Capabilities that it consumes and nobody provides; null where no ledger was asked. */
  readonly unmet: readonly string[] | null;
}

/** A ledger to ask, where one was named or is at hand. */
async function ledgerToAsk({ config, io }: Context): Promise<WritableLedger | undefined> {
  if (isEmptyFolder(config.ledger)) return undefined;
  try {
    return await openWritable(config, io);
  } catch (error) {
    // Whatever is called ledger here need not be one; what was named has to be.
    const isNone = error instanceof SettlementError && error.code === "LEDGER_NOT_FOUND";
    if (isNone && !config.given.has("ledger")) return undefined;
    throw error;
  }
}

async function bytesOf(argument: string, open: WritableLedger | undefined): Promise<Uint8Array> {
  if (!isNodeId(argument) || existsSync(argument)) return readGiven(argument);
  const root = open && { root: open.folder, fs: nodeFileSystem };
  const bytes = root && (await readFile(root, manifestPath(argument)));
  if (bytes) return bytes;
  throw new SettlementError("NODE_NOT_FOUND", `${argument} is no file, and no node of the ledger that --ledger names`);
}

async function factsOf(
  node: NodeManifest,
  bytes: Uint8Array,
  open: WritableLedger | undefined,
  { config }: Context,
): Promise<CheckFacts> {
  const { id, kind } = node;
  const own = { id, kind, keys: keyFacts(node, nowOf(config)) };
  if (!open) return { ...own, accepted: null, errors: [], warnings: [], unmet: null };
  const { errors, warnings } = await proposeNode(open, { id, bytes }, judgingOf(config));
  const { nodes } = await open.ledger.frame();
  return {
    ...own,
    accepted: errors.length === 0,
    errors: errors.map(refusalOf),
    warnings: warnings.map(({ code, message }) => ({ code, message })),
    unmet: unmetOf(node, nodes),
  };
}

function text(io: Io, { id, kind, keys, accepted, errors, warnings, unmet }: CheckFacts): string {
  const verdict =
    accepted === null
      ? `${styled(io, "green", "✓")} ${id} is well formed; name a ledger with --ledger to ask whether it takes it\n`
      : accepted
        ? `${styled(io, "green", "✓")} ${id}: the ledger takes it\n`
        : "";
  const rows: [string, string][] = [
    ["kind", kind],
    ...keys.map(({ name, keyId, state }): [string, string] => ["key", `${harmless(keyId ?? name)} (${state})`]),
  ];
  const notes = [
    ...warnings.map(({ code, message }) => `${code}: ${message}`),
    ...(unmet ?? []).map((capability) => `nobody provides ${capability}, which it consumes`),
    ...(keys.some(({ state }) => state === "valid" || state === "early") ? [] : ["none of its keys may sign any more"]),
  ];
  const noted = notes.map((note) => `${styled(io, "yellow", "WARNING")}  ${harmless(note)}\n`);
  return [...errors.map((error) => refusalText(io, error)), verdict, columns(rows), ...noted].join("");
}

export const nodeCheck: CommandSpec = {
  name: "node check",
  usage: "<FILE|ID>",
  about:
    "Check a node.json, or a node of the ledger by its id: schema, keys and their windows, and, with a ledger at hand, whether it would take it and what nobody provides. Writes nothing. Exit 1 when it would be refused.",
  settings: ["ledger", "policy", "now", "format"],
  examples: ["node check node.json", "node check your-org/your-repo --ledger ../network"],
  async run(context, [argument = ""]) {
    const { config, format, io } = context;
    const open = await ledgerToAsk(context);
    const bytes = await bytesOf(argument, open);
    const { node, faults } = await readNode(bytes, nowOf(config));
    if (!node) return showAnswers(io, format, faults);
    const facts = await factsOf(node, bytes, open, context);
    io.out(format === "json" ? `${JSON.stringify(facts, null, 2)}\n` : text(io, facts));
    return facts.accepted === false ? 1 : 0;
  },
};
