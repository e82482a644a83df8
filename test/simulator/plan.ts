import { type FaultRates, noFaults, type Outside } from "./boundary.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { lastMonthEndMs } from "./months.ts";
import { consistentLies, plainLies } from "./server-lies.ts";

/** Faults that come at a time and may last. The target picks a server, a host or a worker, as the kind has it. */
export const timedFaults = [
  // of servers
  "silent server",
  "breaking connections",
  "outage",
  "server behind",
  "missed ledgers",
  "restarted without history",
  "loses submits",
  "keeps refused submits",
  "keeps submits silently",
  "doubled submits",
  "fee spike",
  "lies",
  // of the network
  "network halts",
  "crowd",
  "drained account",
  "another tool",
  "gift",
  // of hosts
  "clock jump",
  "wiped database",
  "restored database",
  "lost receipt",
  "lost queue",
  "suspended worker",
  "killed worker",
  "database down",
  "disk down",
] as const;

/** Faults that no server can be caught at alone: its chain holds together and is not the network's. */
export const deceivingFaults = ["fork", "reset", "consistent lies"] as const;

export type TimedFault = (typeof timedFaults)[number] | (typeof deceivingFaults)[number];

export interface PlannedFault {
  readonly kind: TimedFault;
  /** Milliseconds after the start. */
  readonly atMs: number;
  readonly forMs: number;
  readonly target: number;
  /** Does it come over every server at once? */
  readonly isEverywhere: boolean;
  /** Names of lies, where it is about lies. */
  readonly lies: readonly string[];
}

/**
 * How far servers may deceive. `ordinary`: each lie contradicts something that can be computed. `witnessed`: chains that hold
 * together too, and one server that never fails beside them. `dark`: every server that answers may show one other chain at
 * once; nobody without the validators' signatures can tell, and nothing but the one anchor is demanded.
 */
type Deceit = "ordinary" | "witnessed" | "dark";

/** What goes wrong with hearing the validators. */
interface Hearing {
  /** Ledgers of which a worker hears nothing, as a probability. */
  readonly missed: number;
  /** Ledgers of which it hears fewer validators than a quorum needs. */
  readonly few: number;
  /** When the publisher of the list does not answer, milliseconds after the start. */
  readonly silentFromMs: number;
  readonly silentForMs: number;
}

/** One schedule: everything that is decided before it begins. */
export interface Plan {
  readonly seed: number;
  /** Milliseconds since 1970; the last month ends while faults go on. */
  readonly startMs: number;
  readonly months: number;
  readonly servers: number;
  /** Server that has the whole history when everything is over. */
  readonly wholeServer: number;
  readonly hosts: number;
  readonly workersPerHost: number;
  /** Do the hosts write to one folder? */
  readonly sharesArchive: boolean;
  readonly ledgerWindow: number;
  readonly feeCapDrops: number;
  /** Transactions a ledger holds before fees rise. */
  readonly ledgerRoom: number;
  readonly deceit: Deceit;
  /** Has the network validators that sign? Then every month is to be proven. */
  readonly hearing: Hearing | undefined;
  readonly rates: Readonly<Record<Outside, FaultRates>>;
  readonly faults: readonly PlannedFault[];
  /** When every fault ends, milliseconds after the start. */
  readonly healMs: number;
}

/** Kinds that come more often: many come to nothing, because nobody asks the server that fails. */
const frequent: readonly TimedFault[] = ["lies", "lies", "lies", "loses submits", "another tool", "drained account"];

const deceits: readonly Deceit[] = ["ordinary", "ordinary", "ordinary", "ordinary", "witnessed", "dark"];

function isDeceiving(kind: TimedFault): boolean {
  return (deceivingFaults as readonly TimedFault[]).includes(kind);
}

const outsides: readonly Outside[] = ["sql", "archive", "ledger", "xrpl"];

function ratesOf(chance: Chance): FaultRates {
  const rate = (most: number): number => (chance.happens(0.35) ? chance.pick([most / 20, most / 5, most]) : 0);
  return {
    killBefore: rate(0.03),
    killAfter: rate(0.03),
    errorBefore: rate(0.2),
    errorAfter: rate(0.2),
    slow: rate(0.04),
  };
}

function some<T>(chance: Chance, from: readonly T[], most: number): readonly T[] {
  return Array.from({ length: chance.between(1, most) }, () => chance.pick(from));
}

/** Most faults come while a month is being anchored: after the start, and after the last month has ended. */
function timeMs(chance: Chance, healMs: number, monthEndMs: number): number {
  const around = chance.pick([0, monthEndMs, "any time"] as const);
  if (around === "any time") return chance.below(healMs);
  return Math.min(healMs, Math.max(0, around + chance.between(-3000, 20_000)));
}

function plannedFault(chance: Chance, kind: TimedFault, atMs: number): PlannedFault {
  const names = kind === "consistent lies" ? Object.keys(consistentLies) : Object.keys(plainLies);
  const isLying = kind === "lies" || kind === "consistent lies";
  return {
    kind,
    atMs,
    forMs: chance.pick([4000, 12_000, 30_000, 90_000]),
    target: chance.below(12),
    isEverywhere: chance.happens(0.5),
    lies: isLying ? some(chance, names, 5) : [],
  };
}

function hearingOf(seed: number, healMs: number, share: number): Hearing | undefined {
  const chance = chanceOf(seed, "validators");
  if (!chance.happens(share)) return undefined;
  return {
    missed: chance.pick([0, 0.3, 0.7, 1]),
    few: chance.pick([0, 0.3, 0.7]),
    silentFromMs: chance.below(healMs),
    silentForMs: chance.pick([0, 0, 12_000, 90_000]),
  };
}

/**
 * The schedule of a seed.
 *
 * @param only - the kinds of timed faults there may be; all by default
 * @param validators - how many of the schedules have them, from 0 to 1: few by default, for proofs cost more than all else
 */
export function planOf(seed: number, only: readonly TimedFault[] = [], validators = 0.04): Plan {
  const chance = chanceOf(seed, "plan");
  const deceit = chance.pick<Deceit>(only.some(isDeceiving) ? ["witnessed", "dark"] : deceits);
  const healMs = chance.pick([20_000, 45_000, 90_000, 150_000]);
  const monthEndMs = chance.below(healMs);
  const all: readonly TimedFault[] = deceit === "ordinary" ? timedFaults : [...timedFaults, ...deceivingFaults];
  const possible = only.length === 0 ? [...all, ...frequent] : all.filter((kind) => only.includes(kind));
  const kinds = some(chance, possible, 5);
  const fault = (kind: TimedFault): PlannedFault => plannedFault(chance, kind, timeMs(chance, healMs, monthEndMs));
  const faults = Array.from({ length: chance.between(1, 9) }, () => fault(chance.pick(kinds)));
  if (deceit !== "ordinary") faults.push(fault(chance.pick(only.length === 0 ? deceivingFaults : kinds)));
  const isCalm = chance.happens(0.3);
  const rates = outsides.map((on) => [on, isCalm ? noFaults : ratesOf(chance)] as const);
  const servers = chance.between(deceit === "witnessed" ? 2 : 1, 3);
  return {
    seed,
    startMs: lastMonthEndMs - monthEndMs,
    months: chance.pick([1, 1, 2, 3]),
    servers,
    wholeServer: chance.below(servers),
    hosts: chance.happens(0.35) ? 2 : 1,
    workersPerHost: chance.between(1, 2),
    sharesArchive: chance.happens(0.5),
    ledgerWindow: chance.pick([4, 5, 8, 20]),
    feeCapDrops: chance.pick([12, 10_000]),
    ledgerRoom: chance.pick([2, 1000]),
    deceit,
    hearing: hearingOf(seed, healMs, validators),
    rates: Object.fromEntries(rates) as Record<Outside, FaultRates>,
    faults: faults.toSorted((a, b) => a.atMs - b.atMs),
    healMs,
  };
}
