import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../../compose.ts";
import { SettlementError } from "../../core/error.ts";
import { utf8 } from "../../core/bytes.ts";
import type { NodeManifest } from "../../core/node-manifest.ts";
import { registryDependencies } from "../../core/registry-dependencies.ts";
import { differencesOf, type RegistryFile, registryFiles } from "../../settle/registry-files.ts";
import type { CommandSpec, Context } from "../command.ts";
import { harmless, styled } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";
import { writeOutput } from "../output.ts";

const registryFolder = "registry";

function write(folder: string, files: readonly RegistryFile[], { io, format }: Context): number {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new SettlementError("OUTPUT_UNWRITABLE", `the folder ${folder} cannot be made; name another with --out`, {
      cause,
    });
  }
  for (const { name, text } of files) writeOutput(join(folder, name), utf8(text));
  const names = files.map(({ name }) => name);
  if (format === "json") io.out(`${JSON.stringify({ folder, files: names })}\n`);
  else io.out(`${styled(io, "green", "✓")} ${names.join(", ")} in ${folder}\n`);
  return 0;
}

function checked(differences: readonly string[], { io, format }: Context): number {
  const isGood = differences.length === 0;
  if (format === "json") io.out(`${JSON.stringify({ ok: isGood, differences }, null, 2)}\n`);
  else if (isGood) io.out(`${styled(io, "green", "✓")} the registry is what the node manifests say\n`);
  else for (const each of differences) io.out(`${styled(io, "red", "✗")} ${harmless(each)}\n`);
  return isGood ? 0 : 1;
}

/** What there is, for a person: nodes, then what is consumed and by whom provided. */
function shown(nodes: readonly NodeManifest[], files: readonly RegistryFile[], { io, format }: Context): number {
  if (format === "json") {
    io.out(`${JSON.stringify(Object.fromEntries(files.map(({ name, value }) => [name, value])), null, 2)}\n`);
    return 0;
  }
  const { graph, warnings, stats } = registryDependencies(nodes);
  const width = Math.max(0, ...graph.map(({ id }) => id.length));
  for (const { id, kind, consumes } of graph) {
    io.out(`${styled(io, "bold", id.padEnd(width))}  ${kind}\n`);
    for (const { capability, providers } of consumes) {
      const from = providers.length > 0 ? `from ${providers.join(", ")}` : styled(io, "red", "which nobody provides");
      io.out(`  consumes ${harmless(capability)} ${from}\n`);
    }
  }
  for (const { detail } of warnings) io.out(`${styled(io, "yellow", "!")} ${harmless(detail)}\n`);
  io.out(`\n${stats.totalNodes} nodes provide ${stats.totalCapabilities} capabilities\n`);
  return 0;
}

export const registry: CommandSpec = {
  name: "registry",
  about:
    "Derive the registry from the node manifests: nodes.json, capabilities.json, dependencies.json. With --check exit 1 when the published one differs.",
  settings: ["ledger", "out", "check", "format"],
  examples: [
    "registry --ledger my-network",
    "registry --ledger my-network --out my-network/registry",
    "registry --ledger my-network --check",
  ],
  async run(context) {
    const { config, io } = context;
    const open = await openLedger(config.ledger, warnOfRecovery(io));
    const { nodes } = await open.ledger.frame();
    const files = registryFiles(nodes);
    const { out, check } = config;
    if (check) {
      if (out !== undefined) throw new SettlementError("USAGE_INVALID", "--check writes nothing; leave --out away");
      return checked(await differencesOf(files, open.tree, registryFolder), context);
    }
    return out === undefined ? shown(nodes, files, context) : write(out, files, context);
  },
};
