import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anchorDeps, closeDeps, openLedger, trustFile, trustIn, writeTrust, type OpenLedger } from "../../compose.ts";
import { fast } from "../../compose-judging.ts";
import { openState, type OpenState } from "../../compose-state.ts";
import { openChain } from "../../compose-chain.ts";
import { type SettlementKey, settlementKey } from "../../compose-keys.ts";
import { nodeLog } from "../../compose-observe.ts";
import { openProving, pinnedPublishers } from "../../compose-proof.ts";
import type { Config } from "../../config.ts";
import { bundleJson } from "../../core/bundle.ts";
import { SettlementError } from "../../core/error.ts";
import type { Month } from "../../core/month.ts";
import { receiptFacts } from "../../core/receipt.ts";
import type { Trust } from "../../core/trust.ts";
import { judgeBundle } from "../../core/judge-bundle.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { anchorPartition } from "../../settle/anchor-partition.ts";
import { closable, closePartition } from "../../settle/close-partition.ts";
import { type LedgerView, readLedgerOutline, readLedgerView } from "../../settle/ledger-view.ts";
import type { EventLeaf } from "../../settle/prove-inclusion.ts";
import { untilProven } from "../../settle/prove-month.ts";
import { monthProver } from "../../settle/prove-inclusion.ts";
import { publishedJson } from "../../settle/published-json.ts";
import { validateLedger } from "../../validate/validate-ledger.ts";
import type { CommandSpec, Context } from "../command.ts";
import { columns, type Io, styled } from "../io.ts";
import { noteTo } from "../notes.ts";
import { apiDeps, startApi } from "./serve.ts";
import { readProof, verdictText } from "./verify.ts";

const host = "demo.localhost";

/** Lies in a folder that the demo made and may delete. */
const marker = ".settlement-demo";

/** The sample ledger of this package, copied so that the demo can close its months. */
function copySample(folder: string): void {
  const roots = ["../../../ledger", "../../../../ledger"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  // In a checkout the sources stand three folders below it, in the published package four.
  const root = roots.find((path) => existsSync(join(path, "nodes")));
  if (root === undefined) {
    throw new SettlementError("LEDGER_NOT_FOUND", "the sample ledger of this package is missing; install it again");
  }
  if (existsSync(folder) && !existsSync(join(folder, marker))) {
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `${folder} is there and was not made by the demo; give another place with --data`,
    );
  }
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, marker), "");
    cpSync(root, join(folder, "ledger"), { recursive: true });
  } catch (cause) {
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      "the demo cannot write to its data folder; check --data and its permissions",
      { cause },
    );
  }
}

function step(io: Io, number: number, title: string): void {
  io.out(`\n${styled(io, "cyan", `${number}.`)} ${styled(io, "bold", title)}\n`);
}

async function showValidation({ config, io }: Context): Promise<void> {
  step(io, 1, "Validate every rule of the ledger");
  const { events, findings, signaturesChecked } = await validateLedger(folderTree(config.ledger), {
    nowUnixMs: Date.now(),
    ...fast,
  });
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors[0])
    throw new SettlementError(
      "PARTITION_REJECTED",
      `the sample ledger has a fault: ${errors[0].code} ${errors[0].message}`,
    );
  io.out(
    columns([
      ["events", String(events)],
      ["signatures", `${signaturesChecked} verified`],
      ["faults", "none"],
    ]),
  );
}

async function settle({ config, io }: Context): Promise<Trust> {
  const open = await openLedger(config.ledger);
  const key = settlementKey(config);
  const state = await openState(config);
  try {
    step(io, 2, "Close the months that are over: one Merkle root each, made twice");
    const months: Month[] = closable(await readLedgerOutline(open), Date.now(), config.grace * 60_000);
    for (const month of months) {
      const { manifest } = await closePartition(month, config.network, closeDeps(open, key, state.heads, config));
      io.out(columns([[month, `${manifest.count} events, root ${manifest.root}`]]));
    }
    step(
      io,
      3,
      "Anchor each root as an XRPL transaction (a network in this process; --network testnet works the same)",
    );
    return await anchorAll(months, { open, key, state, config, io });
  } finally {
    await state.close();
  }
}

interface Anchoring {
  readonly open: OpenLedger;
  readonly key: SettlementKey;
  readonly state: OpenState;
  readonly config: Config;
  readonly io: Io;
}

/** Resolves to what a verifier pins who believes the demo. */
async function anchorAll(months: readonly Month[], { open, key, state, config, io }: Anchoring): Promise<Trust> {
  const chain = await openChain(config, noteTo(io));
  const proving = await openProving(config, chain.witnesses, {
    archive: open.archive,
    chain: chain.chain,
    evidence: state.evidence,
  });
  try {
    for (const month of months) {
      const deps = anchorDeps(open, key, { chain, attempts: state.attempts }, config, io.stop);
      const { ledgerIndex, transactionHash } = receiptFacts(await anchorPartition(month, deps));
      const signed = proving && (await untilProven(month, proving.deps, deps.pause));
      const word = signed === undefined ? "" : `, ${signed.split(",")[0] ?? ""}`;
      io.out(columns([[month, `ledger ${ledgerIndex}, transaction ${transactionHash}${word}`]]));
    }
    const account = { network: config.network, account: chain.account };
    return trustIn(host, key, account, pinnedPublishers(config, chain.witnesses));
  } finally {
    await proving?.close();
    await chain.close();
  }
}

/** The last release of an anchored month. */
async function latestRelease({ partitions }: LedgerView): Promise<EventLeaf> {
  for (const partition of partitions.toReversed()) {
    if (partition.state !== "anchored") continue;
    let index: number | undefined;
    for await (const leaf of partition.events.search("type", "ReleasePublished")) index = leaf;
    if (index !== undefined) return { partition, index };
  }
  throw new SettlementError("EVENT_NOT_FOUND", "the sample ledger has no release in an anchored month");
}

async function proveOne({ config, io }: Context, trust: Trust): Promise<void> {
  const open = await openLedger(config.ledger);
  const view = await readLedgerView(open);
  const { partition, index } = await latestRelease(view);
  const bundle = await (await monthProver(view, partition, { ...open, ...fast })).prove(index);
  const proof = join(config.data, "release.proof.json");
  writeFileSync(proof, publishedJson(bundleJson(bundle)));
  writeTrust(config, trust);
  step(io, 4, `Prove a release: ${bundle.event.repo ?? ""} ${bundle.event.version ?? ""}`);
  io.out(
    columns([
      ["event", bundle.event.id],
      ["proof", proof],
      ["trust", `${trustFile(config)} (pins the demo's own key and account)`],
    ]),
  );
  step(io, 5, "Verify the file offline, asking nobody");
  const verdict = judgeBundle(readProof(proof), trust, fast.verify);
  io.out(verdictText(io, verdict));
  if (verdict.verdict === "failed" || verdict.verdict === "unproven")
    throw new SettlementError("BUNDLE_REFUTED", verdict.summary);
}

export const demo: CommandSpec = {
  name: "demo",
  about:
    "Run the main job on the sample ledger: validate, close, anchor on a network in this process, prove, verify offline, serve.",
  settings: ["data", "host", "port", "once"],
  examples: ["demo", "demo --once"],
  async run(context) {
    const folder = join(context.config.data, "demo");
    const config: Config = {
      ...context.config,
      data: folder,
      ledger: join(folder, "ledger"),
      closeMs: 250,
      network: "local",
      endpoint: undefined,
      origin: host,
      keyFile: undefined,
      seedFile: undefined,
      seed: undefined,
      key: undefined,
    };
    const own = { ...context, config };
    copySample(folder);
    await showValidation(own);
    const trust = await settle(own);
    await proveOne(own, trust);
    const { io } = context;
    const again = `settlement verify ${join(folder, "release.proof.json")} --trust ${trustFile(config)}`;
    io.out(`\nVerify it yourself:  npm run ${again.replace("settlement ", "settlement -- ")}\n`);
    if (config.once) return 0;
    const log = nodeLog(config, { env: io.env, isTerminal: io.isTerminal, write: io.err });
    const server = await startApi(config, apiDeps(config, await openLedger(config.ledger), { log, trust }));
    io.out(`The API is at ${styled(io, "bold", `${server.url}/v1`)}  (Ctrl-C stops it)\n`);
    if (!io.stop.aborted) await once(io.stop, "abort");
    await server.close();
    return 0;
  },
};
