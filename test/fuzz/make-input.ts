import { utf8 } from "../../src/core/bytes.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { type Chance, chanceOf } from "../simulator/chance.ts";
import { crossJson, mutateJson, respellJson } from "./mutate-json.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Told } from "./mutate-texts.ts";
import { isLarge } from "./places.ts";
import { resealed } from "./reseal.ts";
import type { ProofKind, Seed, SeedSet } from "./seeds.ts";
import { mutateSource, rawBytes, spelt } from "./spell.ts";

/** Which of the pins the verifier brings. */
export type PinName = "all" | "publishers" | "settlement" | "nobody";

export interface Input {
  readonly bytes: Uint8Array;
  readonly kind: ProofKind;
  readonly pins: PinName;
  /** A seed as it is, a change of the document, of its bytes too, or bytes that come from no seed. */
  readonly made: "seed" | "structure" | "bytes" | "raw";
  /** What was done, in order. */
  readonly trail: readonly string[];
}

function weighted(seeds: readonly Seed[], chance: Chance): Seed {
  const total = seeds.reduce((sum, { weight }) => sum + weight, 0);
  let left = (chance.below(2 ** 30) / 2 ** 30) * total;
  for (const seed of seeds) {
    left -= seed.weight;
    if (left < 0) return seed;
  }
  return chance.pick(seeds);
}

/** Mostly one change, now and then several, rarely none. */
function changes(chance: Chance): number {
  return chance.happens(0.02) ? 0 : chance.pick([1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 8]);
}

function changed(document: JsonValue, kind: ProofKind, donors: readonly Seed[], chance: Chance): Told<JsonValue> {
  const kin = donors.filter((donor) => donor.kind === kind);
  const respelt = chance.happens(0.1) ? respellJson(document, chance) : undefined;
  if (respelt) return respelt;
  return chance.happens(0.25) ? crossJson(document, chance.pick(kin).value, chance) : mutateJson(document, chance);
}

/** A text that is no well-formed Unicode has no bytes; what takes its place is a replacement character. */
function bytesOf(text: string): Uint8Array {
  return utf8(text.toWellFormed());
}

interface Written {
  readonly bytes: Uint8Array;
  readonly made: "structure" | "bytes";
}

function written(document: JsonValue, { seeds }: SeedSet, chance: Chance, trail: string[]): Written {
  const before = trail.length;
  const isRespelt = chance.happens(0.05);
  let text = isRespelt ? spelt(document, chance) : JSON.stringify(document);
  if (isRespelt) trail.push("spells it in another way");
  if (chance.happens(0.08)) {
    const [how, source] = mutateSource(text, chance.pick(seeds).text, chance);
    text = source;
    trail.push(how);
  }
  let bytes = bytesOf(text);
  if (chance.happens(0.05)) {
    const [how, changed] = mutateBytes(bytes, chance);
    bytes = changed;
    trail.push(`file: ${how}`);
  }
  return { bytes, made: trail.length === before ? "structure" : "bytes" };
}

/** Where publishers are pinned, every signature of an XPOP that is still whole is checked, which takes most of the time. */
function pinsFor(kind: ProofKind, chance: Chance): PinName {
  const some = chance.below(10);
  if (kind === "xpop") return some < 7 ? "publishers" : some < 8 ? "all" : "nobody";
  return some < 3 ? "all" : some < 4 ? "publishers" : some < 9 ? "settlement" : "nobody";
}

/** The input of one run: the same for the same seeds, seed and run, on each machine. The first runs are the seeds themselves. */
export function makeInput(set: SeedSet, seed: number, run: number): Input {
  const own = set.seeds[run];
  if (own)
    return { bytes: utf8(own.text), kind: own.kind, pins: "all", made: "seed", trail: [`seed: ${own.name}, as it is`] };
  const chance = chanceOf(seed, `run ${run}`);
  const from = weighted(set.seeds, chance);
  const { kind } = from;
  const pins = pinsFor(kind, chance);
  if (chance.happens(0.02)) {
    const [how, bytes] = rawBytes(chance);
    return { bytes, kind, pins, made: "raw", trail: [how] };
  }
  const trail = [`seed: ${from.name}`];
  let document = from.value;
  const isResealed = chance.happens(0.3);
  // A forger changes no more than he has to.
  const isForged = isResealed && chance.happens(0.3);
  for (let left = isForged ? 0 : changes(chance); left > 0; left--) {
    if (isLarge(document)) break;
    const [how, value] = changed(document, kind, set.seeds, chance);
    document = value;
    trail.push(how);
  }
  if (isResealed) {
    const [how, value] = resealed(kind, document, chance);
    document = value;
    trail.push(how);
  }
  return { ...written(document, set, chance, trail), kind, pins, trail };
}
