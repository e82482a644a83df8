import { toHex } from "../core/bytes.ts";
import { evidenceLine, idBytes } from "../core/event.ts";
import { isJsonObject } from "../core/json.ts";
import { dialectOf } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { PartitionItem } from "../core/partition-scan.ts";
import { type Chunk, type ChunkFacts, eventMarks, saidBytes, saidDigest } from "./chunk.ts";
import { type FindingSink, nowhere } from "./finding.ts";
import { judgeFileHistory } from "./history-files.ts";
import { placeOf, textsOf } from "./judge-chunk.ts";
import { holderOf } from "./judge-ledger.ts";
import { type JsonItem, readEntry, readItem } from "./read-event.ts";
import type { Readable } from "./rule.ts";
import { eventRules, ledgerRules } from "./rules.ts";
import { contentKey, reportCopy, reportRepeated } from "./rules/events.ts";
import { keySayings } from "./rules/key-events.ts";
import { isOfLedger } from "./rules/of-ledger.ts";
import { requireEarlier, targetOf } from "./rules/relations.ts";
import { judgeSignature } from "./rules/signatures.ts";
import { stages, type StreamRun } from "./start-run.ts";

/** Takes the events of a chunk; false when its lines are not one event each. */
export function takeChunk(run: StreamRun, chunk: Chunk, facts: ChunkFacts | undefined): boolean {
  if (!facts) return false;
  const signers = facts.signers.map((holders) => run.register.signerNumber(holders));
  const textAt = textReader(chunk);
  let targetAt = 0;
  let stretch: Stretch | undefined;
  for (let at = 0; at < chunk.count; at++) {
    const mark = facts.marks[at] ?? 0;
    if ((mark & eventMarks.plain) === 0) {
      if (stretch) logStretch(run, facts, stretch);
      stretch = undefined;
      takeItem(run, chunk, { ...placeOf(chunk, at), text: textAt(at) });
      continue;
    }
    const month = run.log.monthOf(chunk.month, facts.unixMs[at] ?? 0, facts.ids, 32 * at);
    if (stretch?.month !== month) {
      if (stretch) logStretch(run, facts, stretch);
      stretch = { month, position: run.register.size, at, count: 0 };
    }
    stretch.count++;
    const position = takePlain(run, chunk, facts, at, signers[facts.signer[at] ?? 0] ?? 0);
    const said = (mark & eventMarks.said) === 0 ? position : run.register.say(facts.said, saidBytes * at);
    if (said !== position) {
      judgeRepeated(run, chunk, { ...placeOf(chunk, at), text: textAt(at) }, said);
    }
    if ((mark & eventMarks.target) !== 0) takeTarget(run, position, facts.targets, 32 * targetAt++);
  }
  if (stretch) logStretch(run, facts, stretch);
  run.seen.objects += facts.plain;
  run.seen.monthly += facts.plainMonthly;
  run.tally.checked += facts.checked;
  run.seen.passedOver += facts.plain - facts.checked;
  return true;
}

/** Plain events of a chunk that follow on each other in one month. */
interface Stretch {
  readonly month: Month;
  readonly position: number;
  readonly at: number;
  count: number;
}

function logStretch({ log }: StreamRun, { lines, lineEnds, key }: ChunkFacts, { month, ...stretch }: Stretch): void {
  const { at, count } = stretch;
  const start = at === 0 ? 0 : lineEnds?.[at - 1];
  log.take(month, { ...stretch, chunk: key, lines: lines?.subarray(start, lineEnds?.[at + count - 1]) });
}

/** The texts of a chunk that was judged, read when the first is asked for. */
function textReader(chunk: Chunk): (at: number) => string {
  let texts: readonly string[] | undefined;
  return (at) => {
    const text = (texts ??= textsOf(chunk))?.[at];
    if (text === undefined) throw new TypeError("a chunk was judged that is not formatted one event a line");
    return text;
  };
}

/** An event that nothing is wrong with but what others make of it. @returns its position */
function takePlain(run: StreamRun, chunk: Chunk, facts: ChunkFacts, at: number, signer: number): number {
  const { register, seen } = run;
  const position = register.size;
  const first = register.add(facts.ids, 32 * at, { index: chunk.firstIndex + at, signer });
  seen.events++;
  seen.latestUnixMs = Math.max(seen.latestUnixMs, facts.unixMs[at] ?? 0);
  if (first !== position) {
    const id = toHex(register.id(position));
    reportCopy(id, register.place(position), register.place(first), sinkOf(run, "unique"));
  }
  return position;
}

/** Says of an event that it says again what was said. */
function judgeRepeated(run: StreamRun, { file }: Pick<Chunk, "file">, item: PartitionItem, first: number): void {
  const { register } = run;
  const { event, place } = readEntry(run.dialect, readItem(file, item, nowhere), {
    sink: nowhere,
    sha256: run.means.sha256,
  });
  const known = { id: toHex(register.id(first)), place: register.place(first) };
  if (event && known.id !== event.id) reportRepeated(event, place, known, sinkOf(run, "unique-content"));
}

/** What is pointed at in vain may yet come, which makes another fault of it. */
function takeTarget({ register, targets }: StreamRun, position: number, ids: Uint8Array, at: number): void {
  const found = register.find(ids, at);
  if (found >= 0 && found < position && register.isBefore(found, position)) return;
  targets.push({ place: register.place(position), target: toHex(ids.subarray(at, at + 32)) });
}

/** Judges an event by every rule from its text. */
function takeItem(run: StreamRun, { file, month }: Pick<Chunk, "file" | "month">, item: PartitionItem): void {
  takeJson(run, month, readItem(file, item, run.findings.at(stages.form)));
}

/** The same of one that was parsed, the faults of its JSON being reported. */
export function takeJson(run: StreamRun, month: Month | "", json: JsonItem): void {
  const { seen, dialect, means, log, context } = run;
  const sink = run.findings.at(stages.form);
  seen.events++;
  if (isJsonObject(json.value)) {
    seen.objects++;
    if (dialectOf(json.value) === "monthly") seen.monthly++;
  }
  const entry = readEntry(dialect, json, { sink, sha256: means.sha256 });
  const { event } = entry;
  if (!event) return;
  const readable: Readable = { ...entry, event };
  seen.latestUnixMs = Math.max(seen.latestUnixMs, event.unixMs);
  const id = idBytes(event.id);
  run.month = log.monthOf(month, event.unixMs, id, 0);
  judgeSignature(readable, { ...context, sink: run.findings.at(stages.signature) }, run.tally);
  for (const rule of eventRules) {
    if (!rule.isLate) rule.judge(readable, { ...context, sink: sinkOf(run, rule.name) });
  }
  keep(run, readable, id);
}

/** Remembers an event for those that come after it. */
function keep(run: StreamRun, entry: Readable, id: Uint8Array): void {
  const { register, log, context, late, targets } = run;
  const { event, place } = entry;
  const position = register.size;
  const signers = context.signers.get(entry) ?? [];
  const signer = register.signerNumber(signers.map(holderOf));
  register.add(id, 0, { index: place.index, line: place.line, signer });
  const key = contentKey(entry, context);
  if (key !== undefined) register.say(saidDigest(key), 0);
  const lines = log.isPublished(run.month) ? evidenceLine(event.json) : undefined;
  log.take(run.month, { position, count: 1, lines });
  const target = run.dialect === "monthly" ? targetOf(entry) : undefined;
  if (target !== undefined) targets.push({ place, target });
  if (event.dialect === "jsonl") for (const saying of keySayings(entry)) register.memory.keys.add(saying);
  if (isOfLedger(event)) late.push(entry);
  else context.signers.delete(entry);
}

/** Judges what hangs on no event. */
export async function judgeRunFiles({ context, findings }: StreamRun): Promise<void> {
  for (const rule of ledgerRules) {
    if (rule.isOfFiles) await rule.run({ ...context, sink: findings.at(stages.ledger) });
  }
}

/** Judges what hangs on the whole ledger, and was not judged by {@link judgeRunFiles}. */
export async function finishRun(run: StreamRun): Promise<void> {
  const { context, late, targets, findings } = run;
  const closed = { ...context.closed, leaves: run.log.leaves() };
  if (run.appended) await judgeFileHistory(context.ledger, run.appended.base, findings.at(stages.history));
  for (const rule of ledgerRules) {
    if (rule.isOfFiles || (rule.isOfClosed && run.resumed)) continue;
    await rule.run({ ...context, closed, sink: findings.at(stages.ledger) });
  }
  for (const { place, target } of targets) {
    requireEarlier(place, target, { memory: context.memory, sink: sinkOf(run, "targets") });
  }
  for (const rule of eventRules.filter(({ isLate, name }) => isLate && name !== "targets")) {
    for (const entry of late) rule.judge(entry, { ...context, sink: sinkOf(run, rule.name) });
  }
}

const ruleNames = eventRules.map(({ name }) => name);

function sinkOf({ findings }: StreamRun, rule: string): FindingSink {
  return findings.at(stages.events + ruleNames.indexOf(rule));
}
