import { toHex } from "../../core/bytes.ts";
import { openCheckpoint } from "../../core/checkpoint.ts";
import { hashLog } from "../../core/hash-log.ts";
import type { Manifest } from "../../core/manifest.ts";
import type { TreeHead } from "../../core/merkle-proof.ts";
import { nextMonth } from "../../core/month.ts";
import { nodesRoot } from "../../core/node-manifest.ts";
import { parseVkey, type Vkey } from "../../core/note.ts";
import { ledgerOrigin, monthOrigin } from "../../core/settlement-info.ts";
import { fullWidth } from "../../core/tiles.ts";
import { hashBytes } from "../../core/tree-hashing.ts";
import { receiptLayers } from "../../core/verify-receipt.ts";
import { type ClosedMonth, idsOf, type MonthLeaves } from "../closed-months.ts";
import type { KeyHolder, RuleContext } from "../rule.ts";

/** What was published of closed months is what the ledger holds, recomputed from nothing but the events and manifests. */
export async function judgeClosedMonths(context: RuleContext): Promise<void> {
  const { closed, ledger, sink } = context;
  if (closed.months.length === 0) return;
  if (!ledger.settlement && !ledger.tree.has(`${ledger.root}settlement.json`)) {
    sink.add(
      "SETTLEMENT_INFO_MISSING",
      { file: `${ledger.root}settlement.json` },
      "months are closed and there is no settlement.json",
    );
  }
  judgeOrder(context);
  const key = settlementKey(context);
  const { hashing } = context;
  const log = hashLog(() => undefined, hashing);
  const hashes = new Uint8Array(fullWidth * hashBytes);
  const months = new Map(closed.months.map((month) => [month.month, month]));
  const last = closed.months.at(-1)?.month ?? "";
  for (const [month, leaves] of closed.leaves) {
    if (month > last) break;
    const tree = hashLog(() => undefined, hashing);
    for (const ids of idsOf(leaves)) {
      const known = hashes.subarray(0, ids.length);
      hashing.leaves(ids, known);
      tree.append(known);
      log.append(known);
    }
    const published = months.get(month);
    if (!published) continue;
    const head = log.head();
    judgeManifest(published, leaves, toHex(tree.head().root), context);
    await judgeEvidence(published, leaves, head, context);
    judgeCheckpoints(published, head, key, context);
    judgeReceipt(published, key, context);
  }
}

/** Months close in ascending order and without gaps, from the first that the ledger has. */
function judgeOrder({ closed, ledger, sink }: RuleContext): void {
  const isClosed = new Set(closed.months.map(({ month }) => month));
  const last = closed.months.at(-1)?.month ?? "";
  let previous: ClosedMonth | undefined;
  for (const month of closed.leaves.keys()) {
    if (month >= last) break;
    if (isClosed.has(month)) continue;
    const file = `${ledger.root}anchors/${month}/manifest.json`;
    sink.add("MONTH_NOT_CLOSED", { file }, `${month} is not closed, and ${last} after it is`);
  }
  for (const closedMonth of closed.months) {
    const { month, manifest, folder } = closedMonth;
    const isNext = !previous || nextMonth(previous.month) === month;
    const expected = previous?.manifest.root ?? null;
    if (isNext && manifest.prev !== expected) {
      const message = `prev is ${manifest.prev}; the root of ${previous?.month ?? "a month before"} is ${expected}`;
      sink.add("MANIFEST_PREV_MISMATCH", { file: `${folder}manifest.json` }, message);
    }
    previous = closedMonth;
  }
}

function judgeManifest(
  { month, manifest, folder }: ClosedMonth,
  leaves: MonthLeaves,
  root: string,
  { ledger, sink }: RuleContext,
): void {
  const place = { file: `${folder}manifest.json` };
  const network = ledger.settlement?.network ?? manifest.network;
  const rangeOf = (range: Manifest["range"]): string => range?.join("..") ?? "no events";
  const { count } = leaves;
  const range = rangeOf(count === 0 ? null : [toHex(leaves.id(0)), toHex(leaves.id(count - 1))]);
  const facts = [
    ["MANIFEST_ID_MISMATCH", "partitionId", manifest.partitionId, month],
    ["MANIFEST_NETWORK_MISMATCH", "network", manifest.network, network],
    ["MANIFEST_ALGO_OLD", "algo", manifest.algo, "sha256-merkle-v2"],
    ["MANIFEST_COUNT_MISMATCH", "count", manifest.count, count],
    ["MANIFEST_RANGE_MISMATCH", "range", rangeOf(manifest.range), range],
    ["MANIFEST_ROOT_MISMATCH", "root", manifest.root, root],
  ] as const;
  for (const [code, name, said, found] of facts) {
    if (said !== found) sink.add(code, place, `${name} says ${said}; of ${month} in this ledger it is ${found}`);
  }
}

async function judgeEvidence(
  closed: ClosedMonth,
  leaves: MonthLeaves,
  log: TreeHead,
  context: RuleContext,
): Promise<void> {
  const { month, evidence, nodes } = closed;
  const { ledger, sha256, sink } = context;
  if (nodes) judgeSnapshot(closed, context);
  if (!evidence) return;
  const host = ledger.settlement?.host;
  const expected = {
    p: month,
    d: await leaves.digest(),
    k: nodes && toHex(nodesRoot(nodes, sha256)),
    o: host === undefined ? undefined : ledgerOrigin(host),
    s: log.size,
    l: toHex(log.root),
  };
  for (const name of ["p", "d", "k", "o", "s", "l"] as const) {
    if (expected[name] === undefined || evidence[name] === expected[name]) continue;
    const message = `${name} (${meanings[name]}) says ${evidence[name]}, recomputed it is ${expected[name]}`;
    sink.add("EVIDENCE_MISMATCH", { file: `${closed.folder}evidence.json` }, message);
  }
}

const meanings = {
  p: "month",
  d: "digest of the signed events",
  k: "root of the nodes",
  o: "origin of the ledger log",
  s: "size of the ledger log",
  l: "root of the ledger log",
};

/** The nodes at the close are sorted, each once, and the signer of every event is among them with its key. */
function judgeSnapshot(closed: ClosedMonth, context: RuleContext): void {
  const { sink } = context;
  const place = { file: `${closed.folder}nodes.json` };
  const nodes = closed.nodes ?? [];
  const unsorted = nodes.find((node, at) => at > 0 && (nodes[at - 1]?.id ?? "") >= node.id);
  if (unsorted)
    sink.add("SNAPSHOT_MALFORMED", place, `${unsorted.id} does not come after the node before it: each once, by id`);
  const keys = new Set(
    nodes.flatMap(({ id, maintainers }) => maintainers.map((key) => `${id} ${toHex(key.publicKey)}`)),
  );
  // Few keys sign many events.
  const known = new Map<readonly KeyHolder[], boolean>();
  for (const { place, signers } of context.signedIn(closed.month)) {
    const isThere = known.get(signers) ?? signers.some(({ node, key }) => keys.has(`${node} ${key}`));
    known.set(signers, isThere);
    if (isThere) continue;
    const message = `${signers[0]?.node} signed this, and nodes.json of ${closed.month} does not have that key of it`;
    sink.add("SNAPSHOT_SIGNER_MISSING", place(), message);
  }
}

/** The pinned settlement key; undefined when there is none, which is reported. */
function settlementKey({ ledger, sink }: RuleContext): Vkey | undefined {
  const { settlement } = ledger;
  if (!settlement) return undefined;
  const place = { file: `${ledger.root}settlement.json` };
  try {
    const key = parseVkey(settlement.key);
    if (key.name === ledgerOrigin(settlement.host)) return key;
    sink.add(
      "SETTLEMENT_INFO_MALFORMED",
      place,
      `the key is called ${key.name}; it must be ${ledgerOrigin(settlement.host)}`,
    );
  } catch (error) {
    sink.addError(error, place);
  }
  return undefined;
}

function judgeCheckpoints(closed: ClosedMonth, log: TreeHead, key: Vkey | undefined, context: RuleContext): void {
  const { ledger, sink, verify } = context;
  const host = ledger.settlement?.host;
  if (!key || host === undefined) return;
  const { manifest, month } = closed;
  const heads = [
    {
      name: "checkpoint",
      note: closed.checkpoint,
      origin: monthOrigin(host, month),
      size: manifest.count,
      root: manifest.root,
    },
    {
      name: "ledger-checkpoint",
      note: closed.ledgerCheckpoint,
      origin: ledgerOrigin(host),
      size: log.size,
      root: toHex(log.root),
    },
  ];
  for (const { name, note, origin, size, root } of heads) {
    if (note === undefined) continue;
    const place = { file: closed.folder + name };
    try {
      const found = openCheckpoint(note, [key], verify);
      if (found.origin === origin && found.size === size && toHex(found.root) === root) continue;
      const said = `${found.origin} at size ${found.size} with root ${toHex(found.root)}`;
      sink.add(
        "CHECKPOINT_MISMATCH",
        place,
        `it is of ${said}; ${origin} at size ${size} with root ${root} is expected`,
      );
    } catch (error) {
      sink.addError(error, place);
    }
  }
}

function judgeReceipt(closed: ClosedMonth, key: Vkey | undefined, { ledger, verify, sink }: RuleContext): void {
  const { receipt, manifest, evidence, month } = closed;
  if (!receipt) return;
  const place = { file: `${closed.folder}receipt.json` };
  const facts = {
    month: [receipt.month, month],
    network: [receipt.network, manifest.network],
    manifestHash: [receipt.manifestHash, manifest.manifestHash],
  };
  const other = Object.entries(facts).filter(([, [said, expected]]) => said !== expected);
  for (const [name, [said, expected]] of other) {
    sink.add("RECEIPT_MISMATCH", place, `${name} is ${said}, the closed month has ${expected}`);
  }
  const accounts = ledger.settlement?.accounts ?? [];
  if (!accounts.some(({ network, account }) => network === receipt.network && account === receipt.account)) {
    sink.add("RECEIPT_ACCOUNT_UNKNOWN", place, `${receipt.account} on ${receipt.network} is not in settlement.json`);
  }
  if (!evidence || other.length > 0) return;
  for (const { layer, status, detail } of receiptLayers(
    receipt,
    { manifest, evidence },
    { logs: key ? [key] : [], accounts: [] },
    verify,
  )) {
    if (status === "fail") sink.add("RECEIPT_REFUTED", place, `${layer}: ${detail}`);
  }
}
