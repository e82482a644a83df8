import { equalBytes } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { PinnedPublisher } from "../../src/core/trust.ts";
import { rippleTimeUnixMs } from "../../src/core/xrpl/close-time.ts";
import type { ClosedLedger } from "../../src/localnet/engine.ts";
import { type ValidatorSet, validatorSet } from "../../src/localnet/validators/validator-set.ts";
import type { HeardLedger } from "../../src/ports.ts";
import type { ProveMonthDeps } from "../../src/settle/prove-month.ts";
import type { Actor, Boundary } from "./boundary.ts";
import { chanceOf } from "./chance.ts";
import { lastMonthEndMs, network } from "./months.ts";
import type { Branch } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { SimulatedServer } from "./server.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** What a worker proves months by. */
export type WitnessDeps = Pick<ProveMonthDeps, "validations" | "lists" | "trust">;

/** Who signs the ledgers, and what the workers hear of it. */
export interface Witnesses {
  ofWorker(actor: Actor, boundary: Boundary): WitnessDeps;
  /** A ledger was closed, on every chain there is. */
  onClosed(): void;
  /** Nothing is missed any more. */
  heal(): void;
}

/** Members of the list, and how many a proof needs: four fifths, rounded up. */
const count = 3;
const quorum = 3;
const latencyMs = 150;
const timeoutMs = 15_000;
/** Longest time from the close of a ledger until a validation of it is heard. */
const heardMs = 2000;

interface Signers {
  readonly set: ValidatorSet;
  readonly list: JsonValue;
}

function signersOf(seed: string): Signers {
  const set = validatorSet({ count, seed }, Math.floor((lastMonthEndMs - rippleTimeUnixMs(0)) / 1000));
  return { set, list: JSON.parse(JSON.stringify(set.list)) as JsonValue };
}

/** Making keys takes time, and they are the same in every schedule. */
let made: { readonly own: Signers; readonly strangers: Signers } | undefined;

function signers(): NonNullable<typeof made> {
  return (made ??= { own: signersOf("simulated"), strangers: signersOf("strangers") });
}

/** Publishers that those pin who believe the network. */
export function truePublishers(): readonly PinnedPublisher[] {
  return [{ publicKey: signers().own.set.publisher, network }];
}

const signed = new WeakMap<ClosedLedger, readonly Uint8Array[]>();

/** A ledger is signed when somebody asks for it. One that the network does not have is signed by strangers, and by the last validator of the list, who signs whatever there is. */
function validationsOf(ledger: ClosedLedger, isTrue: boolean): readonly Uint8Array[] {
  const known = signed.get(ledger);
  if (known) return known;
  const { own, strangers } = signers();
  const ours = own.set.validationsOf(ledger);
  const sent = isTrue ? ours : [...ours.slice(-1), ...strangers.set.validationsOf(ledger)];
  const validations = sent.map(({ data }) => data);
  signed.set(ledger, validations);
  return validations;
}

/** Are among these, byte for byte, those of a quorum of the true validators for a ledger that the network has? */
export function isQuorum(ledger: ClosedLedger, validations: readonly Uint8Array[]): boolean {
  return (
    validationsOf(ledger, true).filter((one) => validations.some((other) => equalBytes(one, other))).length >= quorum
  );
}

/** What one worker heard of one ledger. */
interface Heard {
  readonly ledger: ClosedLedger;
  readonly isTrue: boolean;
  /** Of so many signers, the first ones. */
  readonly votes: number;
  readonly fromMs: number;
}

export interface WitnessWorld {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly truth: Branch;
  readonly servers: readonly SimulatedServer[];
}

/** Validators of the true network; undefined in a schedule that has none. */
export function witnessesOf({ plan, timeline, trace, truth, servers }: WitnessWorld): Witnesses | undefined {
  const { hearing } = plan;
  if (!hearing) return undefined;
  const chance = chanceOf(plan.seed, "hearing");
  const heardBy = new Map<Actor, Heard[]>();
  let isHealed = false;

  /** Votes that a worker hears; 0 when it misses the ledger. */
  function votes(actor: Actor, ledger: ClosedLedger): number {
    if (isHealed) return count;
    const isMissed = chance.happens(hearing?.missed ?? 0);
    const isFew = chance.happens(hearing?.few ?? 0);
    if (!isMissed && !isFew) return count;
    const heard = isMissed ? 0 : chance.below(quorum);
    // What is missed of an empty ledger does no harm.
    if (ledger.transactions.length > 0)
      trace.fault("validations missed", actor.name, `${heard} of ${count} heard of ledger ${ledger.index}`);
    return heard;
  }

  function hear(actor: Actor, all: Heard[]): void {
    const reached = servers.filter(
      ({ failing }) => !failing.isSilent && failing.frozenAt === undefined && !chance.happens(failing.breaking),
    );
    const fromMs = timeline.nowMs() + chance.below(heardMs);
    if (reached.length === 0 || actor.pausedUntilMs > timeline.nowMs()) return;
    // Servers pass on what validators say, also of ledgers that they do not follow.
    for (const branch of new Set([truth, ...reached.map(({ branch: followed }) => followed)])) {
      const ledger = branch.engine.last();
      const isTrue = branch === truth || truth.engine.closedByIndex(ledger.index)?.hash === ledger.hash;
      if (isTrue && branch !== truth) continue;
      const heard = isTrue ? votes(actor, ledger) : Infinity;
      if (heard > 0) all.push({ ledger, isTrue, votes: heard, fromMs });
    }
  }

  function heardFrom(actor: Actor, ledgerIndex: number): readonly HeardLedger[] {
    const now = timeline.nowMs();
    return (heardBy.get(actor) ?? [])
      .filter(({ ledger, fromMs }) => ledger.index >= ledgerIndex && fromMs <= now)
      .map(({ ledger, isTrue, votes: most }): HeardLedger => ({
        ledgerIndex: ledger.index,
        ledgerHash: ledger.hash,
        get validations() {
          return validationsOf(ledger, isTrue).slice(0, most);
        },
      }))
      .toSorted((a, b) => a.ledgerIndex - b.ledgerIndex);
  }

  function published(): readonly JsonValue[] {
    const sinceMs = timeline.nowMs() - plan.startMs - (hearing?.silentFromMs ?? 0);
    if (isHealed || sinceMs < 0 || sinceMs >= (hearing?.silentForMs ?? 0))
      return [signers().own.list, signers().strangers.list];
    trace.fault("no validator list", "network", "its publisher does not answer");
    throw unreachable();
  }

  return {
    heal: () => {
      isHealed = true;
    },
    onClosed() {
      for (const [actor, all] of heardBy) {
        if (actor.isAlive) hear(actor, all);
        else heardBy.delete(actor);
      }
    },
    ofWorker(actor, boundary) {
      heardBy.set(actor, []);
      return {
        validations: { heardFrom: (ledgerIndex) => heardFrom(actor, ledgerIndex), manifests: () => [] },
        trust: { publishers: truePublishers() },
        lists: () => listsOver(actor, boundary, published),
      };
    },
  };
}

function unreachable(): SettlementError {
  return new SettlementError("CHAIN_UNREACHABLE", "the publisher of the list does not answer");
}

/** Lists as their publishers serve them; who does not answer is left out. */
async function listsOver(
  actor: Actor,
  boundary: Boundary,
  effect: () => readonly JsonValue[],
): Promise<readonly JsonValue[]> {
  try {
    const what = "validator lists";
    return await boundary.perform(actor, { on: "xrpl", what, effect, failure: unreachable, latencyMs, timeoutMs });
  } catch (error) {
    if (error instanceof SettlementError) return [];
    throw error;
  }
}
