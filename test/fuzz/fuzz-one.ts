import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { verifyEd25519 } from "../../src/core/ed25519.ts";
import type { Trust } from "../../src/core/trust.ts";
import { layerNames, type Verdict, xpopLayerNames } from "../../src/core/verdict.ts";
import { type Input, makeInput, type PinName } from "./make-input.ts";
import { isAccepted, type Outcome, outcomeOf, type Verifier } from "./judge.ts";
import type { Oracle } from "./oracle.ts";
import type { SeedSet } from "./seeds.ts";

export interface Fuzzed {
  readonly input: Input;
  readonly outcome: Outcome;
  /** Time of the thread that the verdict took, milliseconds. */
  readonly cpuMs: number;
  /** What is wrong with the verifier; undefined when nothing is. */
  readonly fault?: string;
}

export interface FuzzOptions {
  readonly seeds: SeedSet;
  readonly seed: number;
  readonly oracle: Oracle;
  readonly verifier: Verifier;
  /** Most time of the thread that one verdict may take. */
  readonly limitMs: number;
}

/** One in so many verdicts is also reached without the runtime's own cryptography. */
const portableEvery = 61;

/** A message is for people: it may quote a little of the input. */
const maxDetail = 2000;

export function trustOf({ trust }: SeedSet, pins: PinName): Trust {
  const { publishers, accounts, logs } = trust;
  switch (pins) {
    case "all":
      return trust;
    case "publishers":
      return { publishers, accounts: [], logs: [] };
    case "settlement":
      return { publishers: [], accounts, logs };
    case "nobody":
      return { publishers: [], accounts: [], logs: [] };
    default:
      return pins satisfies never;
  }
}

/** What every verdict has to be, whatever it is about. */
function malformedVerdict({ verdict, summary, layers }: Verdict): string | undefined {
  const names = layers.map(({ layer }) => layer).join();
  if (names !== layerNames.join() && names !== xpopLayerNames.join()) return `the verdict has the layers ${names}`;
  const isFailed = layers.some(({ status }) => status === "fail");
  if (isFailed !== (verdict === "failed")) return `the verdict is ${verdict} with layers that say otherwise`;
  const long = [summary, ...layers.map(({ detail }) => detail)].find((text) => text.length > maxDetail);
  return long === undefined ? undefined : `a detail of ${long.length} characters: ${long.slice(0, 80)}`;
}

function crashText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error);
}

function faultOf(input: Input, outcome: Outcome, trust: Trust, { oracle, verifier }: FuzzOptions): string | undefined {
  if (outcome.word === "crashed") return `crash: ${crashText(outcome.error)}`;
  if (outcome.word === "refused")
    return outcome.message.length > maxDetail ? `a message of ${outcome.message.length} characters` : undefined;
  const malformed = malformedVerdict(outcome.verdict);
  if (malformed !== undefined) return malformed;
  if (!isAccepted(outcome)) return undefined;
  if (input.pins === "nobody") return "accepted, and nobody is pinned";
  const word = outcome.word === "proven" ? "proven" : "anchored";
  const forged = oracle.faultOf(input.bytes, { trust, word, verifier });
  return forged === undefined ? undefined : `accepted as ${word}: ${forged}`;
}

/** What is wrong with the verdict on a seed as it is; undefined for what is no seed. */
function seedFault(isGood: boolean | undefined, outcome: Outcome): string | undefined {
  if (isGood === undefined || isGood === isAccepted(outcome)) return undefined;
  return `${outcome.word}, and the seed is ${isGood ? "good" : "bad"}`;
}

function isSame(one: Outcome, other: Outcome): boolean {
  const told = ({ word, ...rest }: Outcome): string => (word === "crashed" ? word : JSON.stringify([word, rest]));
  return told(one) === told(other);
}

/** Makes the input of one run, has it judged, and judges the judge. */
export function fuzzOne(run: number, options: FuzzOptions): Fuzzed {
  const { seeds, seed, verifier, limitMs } = options;
  const input = makeInput(seeds, seed, run);
  const trust = trustOf(seeds, input.pins);
  const before = process.threadCpuUsage();
  const outcome = outcomeOf(verifier, input.bytes, trust, nodeVerify);
  const { user, system } = process.threadCpuUsage(before);
  const cpuMs = (user + system) / 1000;
  const fault = faultOf(input, outcome, trust, options) ?? seedFault(seeds.seeds[run]?.isGood, outcome);
  if (fault !== undefined) return { input, outcome, cpuMs, fault };
  if (cpuMs > limitMs) return { input, outcome, cpuMs, fault: `the verdict took ${Math.round(cpuMs)} ms` };
  if (run % portableEvery === 0 && !isSame(outcome, outcomeOf(verifier, input.bytes, trust, verifyEd25519)))
    return { input, outcome, cpuMs, fault: "another verdict without the runtime's cryptography" };
  return { input, outcome, cpuMs };
}
