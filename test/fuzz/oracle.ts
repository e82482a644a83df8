import { utf8 } from "../../src/core/bytes.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { Trust } from "../../src/core/trust.ts";
import type { XpopFacts } from "../../src/core/xrpl/xpop-facts.ts";
import {
  type BundleParts,
  type ListPart,
  bundleParts,
  canonical,
  memberOf,
  type XpopParts,
  xpopParts,
} from "./genuine.ts";
import { verifier, type Verifier } from "./judge.ts";
import type { SeedSet } from "./seeds.ts";

/** Everything that is genuine: what the good seeds hold. Whoever made no key of theirs can make no other proof. */
export interface Oracle {
  /** Why these bytes should not have been accepted; undefined where they say what a seed says. */
  faultOf(bytes: Uint8Array, seen: Accepted): string | undefined;
}

interface Accepted {
  readonly trust: Trust;
  readonly word: "proven" | "anchored";
  readonly verifier: Verifier;
}

interface GenuineXpop {
  readonly parts: XpopParts;
  readonly facts: string;
}

/** What stays the same whoever voted by whatever list, of what an XPOP proves. */
function transactionFacts(facts: XpopFacts): string {
  const { transactionHash, transactionType, account, transactionResult, transactionIndex } = facts;
  const { ledgerIndex, ledgerHash, closeTime, closeResolutionS, isCloseTimeAgreed, anchor } = facts;
  const ledger = { ledgerIndex, ledgerHash, closeTime, closeResolutionS, isCloseTimeAgreed };
  return canonical({
    transactionHash,
    transactionType,
    account,
    transactionResult,
    transactionIndex,
    ...ledger,
    anchor,
  });
}

function parsed(bytes: Uint8Array): JsonValue {
  return JSON.parse(new TextDecoder().decode(bytes)) as JsonValue;
}

function bundleFault(
  found: BundleParts,
  { word, isPinned }: Pick<Accepted, "word"> & { readonly isPinned: boolean },
  genuine: readonly BundleParts[],
  good: readonly ListPart[],
): string | undefined {
  if (!genuine.some(({ claim }) => claim === found.claim)) return "it claims what no seed claims";
  const witnesses = genuine.filter(
    ({ receipt, manifestHash }) => receipt === found.receipt && manifestHash === found.manifestHash,
  );
  if (witnesses.length === 0) return "its receipt is of no seed with this manifest";
  const isSigned = found.signatures.every((lines, at) =>
    witnesses.some(({ signatures }) => signatures[at]?.some((line) => lines.includes(line)) ?? false),
  );
  if (isPinned && !isSigned) return "a note of its bears no signature that a seed bears";
  // An XPOP that proves nothing here, since its publisher is not pinned, vouches for nothing and may be anything.
  if (word === "anchored") return undefined;
  const proofs = witnesses.filter(({ xpop }) => xpop === found.xpop && xpop !== "");
  if (proofs.length === 0) return "its XPOP is of no seed with this receipt";
  const known = new Set(proofs.flatMap(({ validations }) => validations));
  if (!found.validations.every((each) => known.has(each))) return "it holds a validation that no seed holds";
  const lists = genuineLists(found.lists, good);
  if (lists.length === 0) return "it holds no list that its publisher has signed";
  const votes = new Set(found.validations).size;
  const quorum = Math.min(...lists.map((list) => list.quorum));
  return votes < quorum ? `it is proven by ${votes} of ${quorum} that it takes` : undefined;
}

/** Lists that a good seed holds, and others that the same publishers have signed with the same key. */
function genuineLists(lists: readonly ListPart[], good: readonly ListPart[]): readonly ListPart[] {
  const texts = new Set(good.map(({ text }) => text));
  const publishers = new Set(good.map(({ publisher }) => publisher));
  return lists.filter(({ text, publisher, isSigned }) => texts.has(text) || (isSigned && publishers.has(publisher)));
}

function xpopFault(found: XpopParts, facts: XpopFacts, all: readonly GenuineXpop[]): string | undefined {
  const same = all.find(
    ({ parts }) => parts.transaction === found.transaction && parts.headers[0] === found.headers[0],
  );
  if (!same) return "its transaction is in no seed's ledger";
  if (same.facts !== transactionFacts(facts)) return "it proves other facts than its seed";
  const known = new Set(all.flatMap(({ parts }) => parts.headers));
  if (!found.headers.every((header) => known.has(header))) return "it holds a header that no seed holds";
  const lists = genuineLists(
    found.lists,
    all.flatMap(({ parts }) => parts.lists),
  );
  if (lists.length === 0) return "it holds no list that its publisher has signed";
  const ofLedger = all.filter(({ parts }) => parts.headers.at(-1) === found.headers.at(-1));
  const validations = new Set(ofLedger.flatMap(({ parts }) => parts.validations));
  const genuine = new Set(found.validations.filter((each) => validations.has(each))).size;
  if (genuine < facts.votes) return `${facts.votes} votes are counted, ${genuine} are genuine`;
  const quorum = Math.min(...lists.map((list) => list.quorum));
  return genuine < quorum ? `it is proven by ${genuine} of ${quorum} that it takes` : undefined;
}

/** What the good seeds hold, as the vectors say which are good. */
export function makeOracle({ seeds, trust }: SeedSet): Oracle {
  const good = seeds.filter(({ isGood }) => isGood);
  const bundles = good.filter(({ kind }) => kind === "bundle").map(({ value }) => value);
  const pinned = bundles.map((bundle) => bundleParts(bundle, true));
  const unpinned = bundles.map((bundle) => bundleParts(bundle, false));
  const xpops = good.flatMap(({ kind, text, value }): GenuineXpop[] => {
    const facts = kind === "xpop" ? verifier.facts(utf8(text), trust) : null;
    return facts ? [{ parts: xpopParts(value), facts: transactionFacts(facts) }] : [];
  });
  const lists = [...pinned, ...xpops.map(({ parts }) => parts)].flatMap((parts) => parts.lists);
  return {
    faultOf(bytes, { trust: pins, word, verifier: tried }) {
      const value = parsed(bytes);
      const isPinned = pins.logs.length > 0;
      if (memberOf(value, "type") !== undefined)
        return bundleFault(bundleParts(value, isPinned), { word, isPinned }, isPinned ? pinned : unpinned, lists);
      const facts = tried.facts(bytes, pins);
      return facts ? xpopFault(xpopParts(value), facts, xpops) : "it is accepted and proves nothing";
    },
  };
}
