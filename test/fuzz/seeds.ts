import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { formatVkey } from "../../src/core/note.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import { parseTrust, type Trust } from "../../src/core/trust.ts";
import { rememberPlaces } from "./places.ts";
import { hasShared, sharedJson, sharedText } from "../support/shared.ts";

export type ProofKind = "bundle" | "xpop";

/** A proof from which others are made. */
export interface Seed {
  readonly name: string;
  readonly kind: ProofKind;
  readonly value: JsonValue;
  readonly text: string;
  /** How often it is taken, against the others: what takes long to verify is taken less. */
  readonly weight: number;
  /** Is it a proof, with the pins of all? Undefined where the vector speaks of other pins. */
  readonly isGood: boolean | undefined;
}

export interface SeedSet {
  readonly seeds: readonly Seed[];
  /** Pins all who signed a good one, and nobody else. */
  readonly trust: Trust;
  /** Over all seeds; another digest, other runs. */
  readonly digest: string;
}

interface BundleVectors {
  readonly trust: JsonValue;
  readonly cases: readonly { readonly name: string; readonly expect: string; readonly bundle: JsonObject }[];
}

interface XpopVectors {
  readonly publishers: JsonValue;
  readonly cases: readonly {
    readonly name: string;
    readonly xpop: JsonValue;
    readonly publishers?: JsonValue;
    readonly expect: { readonly verdict: string };
  }[];
}

function ownJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8")) as T;
}

function validationsIn(value: JsonValue): number {
  const { validation } = isJsonObject(value) ? value : {};
  const { data } = isJsonObject(validation) ? validation : {};
  return isJsonObject(data) ? Object.keys(data).length : 0;
}

interface SeedParts {
  readonly name: string;
  readonly value: JsonValue;
  readonly isGood: boolean | undefined;
  /** Before it is made less by what verifying takes. */
  readonly share: number;
}

function seed(kind: ProofKind, { name, value, isGood, share }: SeedParts): Seed {
  rememberPlaces(value);
  const xpop = kind === "bundle" && isJsonObject(value) ? (value["xpop"] ?? null) : value;
  const weight = share / (1 + validationsIn(xpop) ** 2 / 4);
  return { name, kind, value, text: JSON.stringify(value), weight, isGood };
}

/** The published XPOPs, where they are beside the checkout. Those that are no JSON are left out. */
function sharedSeeds(): { readonly seeds: readonly Seed[]; readonly publishers: readonly JsonObject[] } {
  const index = sharedJson<{ vectors: readonly { file: string; trust: readonly string[]; expect: { ok: boolean } }[] }>(
    "vectors/xpop/index.json",
  );
  const files = (index?.vectors ?? []).filter(({ file }) => file !== "bad/truncated.json");
  const seeds = files.map(({ file, expect: { ok } }) => {
    const value = JSON.parse(sharedText(`vectors/xpop/${file}`)) as JsonValue;
    const isGood = file === "bad/publisher-not-trusted.json" ? undefined : ok;
    return seed("xpop", { name: `shared ${file}`, value, isGood, share: file.startsWith("syntax") ? 0.2 : 1 });
  });
  const trusted = files.filter(({ expect }) => expect.ok).flatMap(({ trust }) => trust);
  return { seeds, publishers: Array.from(new Set(trusted), (publicKey) => ({ publicKey })) };
}

/** Bundles and XPOPs of `test/vectors`, and the published XPOPs where they are there. */
export function readSeeds(): SeedSet {
  const bundles = ownJson<BundleVectors>("bundles.json");
  const xpops = ownJson<XpopVectors>("xpop.json");
  const shared = hasShared ? sharedSeeds() : { seeds: [], publishers: [] };
  const ofBundles = bundles.cases.flatMap(({ name, expect, bundle }) => {
    const isGood = expect === "proven" || expect === "anchored";
    const { xpop } = bundle;
    const whole = seed("bundle", { name, value: bundle, isGood, share: 6 });
    return xpop === undefined
      ? [whole]
      : [whole, seed("xpop", { name: `xpop of ${name}`, value: xpop, isGood, share: 2 })];
  });
  const ofXpops = xpops.cases.map(({ name, xpop, publishers, expect: { verdict } }) =>
    seed("xpop", { name, value: xpop, isGood: publishers ? undefined : verdict === "proven", share: 1 }),
  );
  const seeds = [...ofBundles, ...ofXpops, ...shared.seeds];
  const own = parseTrust(bundles.trust);
  const more = parseTrust({ publishers: [...(xpops.publishers as readonly JsonObject[]), ...shared.publishers] });
  const trust: Trust = { ...own, publishers: [...own.publishers, ...more.publishers] };
  const told = [
    ...seeds.map(({ text }) => text),
    ...trust.publishers.map(({ publicKey }) => publicKey),
    ...trust.logs.map(formatVkey),
  ];
  const digest = createHash("sha256").update(told.join("\n")).digest("hex").slice(0, 16);
  return { seeds, trust, digest };
}
