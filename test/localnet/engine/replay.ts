import { decode, encode } from "ripple-binary-codec";

import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { rippleEpochUnixS } from "../../../src/core/xrpl/ledger-header.ts";
import type { Engine, EngineConfig } from "../../../src/localnet/engine.ts";
import { createEngine } from "../../../src/localnet/engine/create-engine.ts";
import { type RecordedEntry, recordedActs, recordedLedgers, unrecordedBlobs } from "./transcripts.ts";

const mainnetLike = { baseFeeDrops: 10, reserveBaseDrops: 1_000_000, reserveIncrementDrops: 200_000 };

/** The settings each recorded server had. */
const recordedConfigs = {
  net0: { networkId: 0, baseFeeDrops: 10, reserveBaseDrops: 10_000_000, reserveIncrementDrops: 2_000_000 },
  net63456: { networkId: 63_456, ...mainnetLike },
  queue: {
    networkId: 63_456,
    ...mainnetLike,
    queue: { minimumLedgerTransactions: 5, targetLedgerTransactions: 5, ledgersInQueue: 5, minimumQueueSize: 30 },
  },
} as const satisfies Record<string, Omit<EngineConfig, "nowUnixS">>;

export type RecordedNetwork = keyof typeof recordedConfigs;

/** One thing that was answered, or closed, and what the recording says. */
export interface Compared {
  readonly what: string;
  readonly ours: unknown;
  readonly recorded: unknown;
}

/** An engine that starts when the recorded server did. */
function engineLike(network: RecordedNetwork): Engine {
  const second = recordedLedgers(network).find((ledger) => ledger.ledger_index === 2);
  const start = second?.header.close_time ?? 848_565_170;
  return createEngine({ ...recordedConfigs[network], nowUnixS: () => start + rippleEpochUnixS });
}

/** Sends everything the recorded server was sent, in order, and closes each ledger at its recorded time. */
export function replay(network: RecordedNetwork, engine: Engine = engineLike(network)): readonly Compared[] {
  const recorded = new Map(recordedLedgers(network).map((ledger) => [ledger.ledger_index, ledger]));
  const extra = new Map([...unrecordedBlobs(network)].map(([index, blobs]) => [index, new Set(blobs)]));
  const compared: Compared[] = [];
  const send = (blobs: readonly string[]): void => {
    const sequenceOf = (blob: string): number => Number(decode(blob)["Sequence"]);
    for (const blob of blobs.toSorted((a, b) => sequenceOf(a) - sequenceOf(b))) engine.submit(fromHex(blob));
  };
  // The recording leaves some transactions out that only prepared what follows.
  const fill = (before?: string): void => {
    const blobs = extra.get(engine.last().index + 1) ?? new Set();
    const next = before === undefined ? undefined : decode(before);
    const due = [...blobs].filter((blob) => {
      const json = decode(blob);
      return !next || (json["Account"] === next["Account"] && Number(json["Sequence"]) < Number(next["Sequence"]));
    });
    for (const blob of due) blobs.delete(blob);
    send(due);
  };
  const fillQueue = (): void => {
    send([...extra.values()].flatMap((blobs) => [...blobs]));
    extra.clear();
  };
  for (const act of recordedActs(network)) {
    if (act.request.method === "ledger_accept") {
      fill();
      const ledger = recorded.get(engine.last().index + 1);
      const closed = engine.accept(ledger?.header.close_time);
      if (!ledger) continue;
      for (const { hash, meta_blob } of ledger.transactions) {
        const ours = closed.transactions.find((transaction) => transaction.hash === hash);
        const meta = ours && decode(toHex(ours.meta));
        compared.push({ what: `${ledger.ledger_index}: metadata of ${hash}`, ours: meta, recorded: decode(meta_blob) });
      }
      compared.push({ what: `hash of ledger ${ledger.ledger_index}`, ours: closed.hash, recorded: ledger.ledger_hash });
      continue;
    }
    const blob = blobOf(act);
    const theirs = act.response.result ?? {};
    const isJudged = theirs["engine_result"] !== undefined || theirs["error_exception"] !== undefined;
    if (blob === undefined || !isJudged) continue;
    if (theirs["engine_result"] === "tesSUCCESS") fill(blob);
    if (act.name.startsWith("the queue is full")) fillQueue();
    const options = { failHard: act.request.params?.[0]?.["fail_hard"] === true };
    compared.push(compareSubmit(act, engine.submit(fromHex(blob), options)));
  }
  return compared;
}

function blobOf({ request, response }: RecordedEntry): string | undefined {
  const { tx_blob, tx_json } = request.params?.[0] ?? {};
  const answered = response.result?.["tx_blob"];
  const isMultisigned = request.method === "submit_multisigned" && tx_json !== undefined && answered === undefined;
  const blob = isMultisigned ? encodeOrNothing(tx_json) : (tx_blob ?? answered);
  return typeof blob === "string" && /^([0-9a-fA-F]{2})+$/.test(blob) ? blob : undefined;
}

function encodeOrNothing(json: unknown): string | undefined {
  return typeof json === "object" && json !== null && "Signers" in json ? encode({ ...json }) : undefined;
}

function compareSubmit({ n, name, response }: RecordedEntry, answer: ReturnType<Engine["submit"]>): Compared {
  const what = `${n} ${name}`;
  const theirs = response.result ?? {};
  if ("refused" in answer)
    return { what, ours: answer.refused, recorded: theirs["error_exception"] ?? theirs["engine_result"] };
  const ours: Record<string, unknown> = {
    engine_result: answer.engineResult,
    engine_result_code: answer.engineResultCode,
    engine_result_message: answer.engineResultMessage,
    accepted: answer.accepted,
    applied: answer.applied,
    broadcast: answer.broadcast,
    queued: answer.queued,
    kept: answer.kept,
    account_sequence_available: answer.accountSequenceAvailable,
    account_sequence_next: answer.accountSequenceNext,
    open_ledger_cost: String(answer.openLedgerCostDrops),
    validated_ledger_index: answer.validatedLedgerIndex,
  };
  // submit_multisigned answers with fewer members.
  const names = Object.keys(ours).filter((member) => theirs[member] !== undefined || member === "engine_result");
  const pick = (from: Record<string, unknown>) => Object.fromEntries(names.map((member) => [member, from[member]]));
  return { what, ours: pick(ours), recorded: theirs["error_exception"] ?? pick(theirs) };
}
