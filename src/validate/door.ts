import type { VerifySignature } from "../core/ed25519.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import type { Month } from "../core/month.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import { readClosedMonths } from "./closed-months.ts";
import { fileEnds } from "./file-ends.ts";
import type { LedgerTree } from "./find-ledger.ts";
import { type Finding, findingList } from "./finding.ts";
import { judgeLedger, type JudgeOptions, remember, ruleContext, type WholeContext } from "./judge-ledger.ts";
import { setLateApart } from "./late-events.ts";
import type { Entry } from "./ledger-state.ts";
import type { KnownEvent } from "./memory.ts";
import { plainLines } from "./plain-lines.ts";
import { readHanded } from "./read-handed.ts";
import { readLedger } from "./read-ledger.ts";
import type { Readable, RuleContext } from "./rule.ts";
import { eventRules } from "./rules.ts";
import { judgeSignature, type SignatureTally } from "./rules/signatures.ts";
import { atMost, checkAhead, type KeyCheck, type VerifyAhead, verifyWith } from "./verify-ahead.ts";
import { verifyHistory, withVerified } from "./verify-history.ts";

/** As for the validator, but that an event may be no more than a quarter of an hour ahead of the clock by default. */
export interface DoorOptions extends Omit<JudgeOptions, "nowUnixMs"> {
  readonly verifyAhead: VerifyAhead;
  /** So many calls of `verifyAhead` are under way at once, 8 by default; one that bounds itself takes more. */
  readonly verifiedAtOnce?: number;
  /** Bytes of a `verifier.policy.json` to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array;
}

/** An event that was handed in: read, its signature verified, not judged by the ledger yet. */
export interface Candidate {
  readonly entry: Entry;
  /** What is wrong with its form. */
  readonly faults: readonly Finding[];
  readonly checks: readonly KeyCheck[];
}

/** Where an event that is admitted comes to stand, and by which clock. */
interface Admission {
  /** Month whose file it goes to; of no consequence in a ledger of one list. */
  readonly month: Month;
  readonly nowUnixMs: number;
  /** Common to all that are judged in one go. */
  readonly tally: SignatureTally;
}

/**
 * The rules of a ledger for events that are added to it. `admit` takes exactly what the validator takes as the change of
 * this ledger by one event at the end of its file.
 */
export interface Door {
  /** Undefined as long as the ledger has no file of events: the first event decides. */
  dialect(): Dialect | undefined;
  /** Do all events stand in one file, whatever their months? */
  isOneList(): boolean;
  /** @param handed - bytes of one event's JSON, or its JSON value */
  read(handed: unknown): Promise<Candidate>;
  known(id: string): KnownEvent | undefined;
  /** How much it may cost to explain bad signatures, in one go. */
  tally(): SignatureTally;
  /**
   * Judges an event; the first thing that is wrong ends it. Without faults it counts as being in the ledger from then on.
   *
   * @returns errors alone
   */
  admit(candidate: Candidate, admission: Admission): readonly Finding[];
}

/** A ledger as it was when its door was opened; the door itself does not hold on to the events. */
export interface OpenedDoor {
  readonly door: Door;
  /** Errors of the ledger as it is: until they are mended, it takes no event. */
  readonly faults: readonly Finding[];
  readonly settlement: SettlementInfo | undefined;
  /** Events of every month from the first to the last, in leaf order. */
  readonly partitions: ReadonlyMap<Month, readonly LedgerEvent[]>;
  /** Ascending. */
  readonly closed: readonly Month[];
}

const quarterHourMs = 900_000;

/** Enough signatures for every core, few enough for others to get a thread of Node's pool. */
const fewAtOnce = 8;

/** So many bad signatures of one go are looked into; of the others it is only said that they are bad. */
const inquiriesAtOnce = 3;

/**
 * Reads a ledger and judges it by every rule, with itself as the earlier state.
 *
 * @param previous - a door of the same ledger: what it has verified is not verified again
 */
export async function openDoor(tree: LedgerTree, options: DoorOptions, previous?: Door): Promise<OpenedDoor> {
  const { policy, verify, sha256, verifiedAtOnce = fewAtOnce } = options;
  const list = findingList();
  const ledger = await readLedger(tree, list, { policy, sha256 });
  const closed = await setLateApart(await readClosedMonths(ledger, list), ledger, new Set(), { sha256, sink: list });
  // No rule goes by the clock where nothing is new.
  const unverified = ruleContext(
    { ledger, closed, base: ledger, isNew: () => false, sink: list },
    { ...options, nowUnixMs: 0, windows: { aheadMs: quarterHourMs, ...options.windows } },
  );
  const verifyAhead = atMost(verifiedAtOnce, options.verifyAhead);
  const verified = await verifyHistory(unverified, verifyAhead, verifiedAtOnce, (id) => previous?.known(id));
  const context = { ...unverified, verify: withVerified(verified, verify) };
  await judgeLedger(context);
  return {
    door: doorOf(context, verify, verifyAhead),
    faults: errorsAmong(list.findings),
    settlement: ledger.settlement,
    partitions: closed.partitions,
    closed: closed.months.map(({ month }) => month),
  };
}

function errorsAmong(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "error");
}

function doorOf(whole: WholeContext, verify: VerifySignature, verifyAhead: VerifyAhead): Door {
  const { memory, nodes, sha256 } = whole;
  const { files } = whole.ledger;
  const ends = fileEnds(whole.ledger);
  const light = withoutEvents(whole, verify);
  const plain = plainLines(sha256);
  let dialect = files.length > 0 ? whole.ledger.dialect : undefined;
  return {
    dialect: () => dialect,
    isOneList: () => ends.isOneList(dialect ?? "monthly"),
    known: (id) => memory.known.get(id),
    tally: () => ({ checked: 0, inquiries: inquiriesAtOnce }),
    async read(handed) {
      const list = findingList();
      const entry = readHanded(handed, dialect, { sink: list, sha256, plain });
      const { event } = entry;
      const isDone = !event || list.findings.length > 0 || memory.known.get(event.id)?.signature === event.signature;
      return { entry, faults: list.findings, checks: isDone ? [] : await checkAhead(event, nodes, verifyAhead) };
    },
    admit({ entry, faults, checks }, { month, nowUnixMs, tally }) {
      const { event } = entry;
      if (!event || faults.length > 0) return faults;
      const list = findingList();
      const own = dialect ?? event.dialect;
      const placed: Readable = { ...entry, event, place: ends.next(own, month) };
      const context: WholeContext = {
        ...light,
        ledger: { ...light.ledger, dialect: own },
        clock: { ...light.clock, nowUnixMs },
        signers: new Map(),
        verify: verifyWith(checks, verify),
        sink: list,
      };
      judgeAdded(placed, context, tally, list);
      const errors = errorsAmong(list.findings);
      if (errors.length > 0) return errors;
      dialect = own;
      ends.take(placed.place);
      remember(placed, context);
      return [];
    },
  };
}

/** Stops at the first rule that finds an error: later ones may cost more, and rest on the earlier ones. */
function judgeAdded(
  entry: Readable,
  context: RuleContext,
  tally: SignatureTally,
  { findings }: { readonly findings: readonly Finding[] },
): void {
  const { event, place } = entry;
  const { dialect } = context.ledger;
  const isGood = (): boolean => findings.every(({ severity }) => severity !== "error");
  if (event.dialect !== dialect) {
    context.sink.add("LEDGER_MIXED_DIALECTS", place, `an event of the ${event.dialect} dialect in a ${dialect} ledger`);
  }
  if (isGood()) judgeSignature(entry, context, tally);
  for (const rule of eventRules) if (isGood()) rule.judge(entry, context);
}

/** What stays of a ledger once its events are remembered. */
function withoutEvents(whole: WholeContext, verify: VerifySignature): WholeContext {
  const files = whole.ledger.files.map((file) => ({ ...file, bytes: new Uint8Array(), entries: [] }));
  const ledger = { ...whole.ledger, files };
  return {
    ...whole,
    ledger,
    base: ledger,
    entries: [],
    signedIn: () => [],
    signers: new Map(),
    verify,
    closed: { months: [], leaves: new Map(), monthOf: () => undefined },
    isNew: () => true,
  };
}
