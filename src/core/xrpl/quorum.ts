import { equalBytes, toHex } from "../bytes.ts";
import type { VerifySignature } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import type { Hash } from "../hash.ts";
import { type Elector, type Electors, electorsOf } from "./electors.ts";
import { isSignedValidation, parseValidation, type Validation } from "./validation.ts";
import type { ListMember } from "./validator-list.ts";

/**
 * Votes that a list of `validators` needs: 80 %, rounded up. Members whose manifest is bad count among them. A network
 * that takes some of its validators for absent (the negative UNL) may validate with fewer; no file shows that.
 */
export function quorumOf(validators: number): number {
  return Math.floor((4 * validators + 4) / 5);
}

/** What is voted on, and by whom. */
export interface Ballot {
  readonly ledgerIndex: number;
  readonly ledgerHash: Hash;
  readonly members: readonly ListMember[];
  /** See {@link electorsOf}. */
  readonly newerManifests: readonly Uint8Array[];
}

/** One member's validation of the ledger. */
export interface Vote extends Elector {
  readonly signingKey: Uint8Array;
  /** The validation as it was given. */
  readonly bytes: Uint8Array;
}

/** Why a validation is no vote, for people. */
const faultTexts = {
  malformed: "malformed",
  outsider: "of keys that the list does not name",
  elsewhere: "of another ledger",
  partial: "partial",
  unsigned: "with a bad signature",
  repeated: "of validators that had voted already",
} as const;

type Fault = keyof typeof faultTexts;

export interface Tally {
  /** At most one a member. */
  readonly votes: readonly Vote[];
  /** Of the validations that are no vote; the same bytes count once. */
  readonly faults: readonly Fault[];
}

/**
 * Counts validations of a ledger: full ones that name its index and hash, by the signing keys of the list's members.
 * No signature is checked that cannot make a vote.
 */
export function tallyVotes(ballot: Ballot, validations: readonly Uint8Array[], verify: VerifySignature): Tally {
  const electors = electorsOf(ballot.members, ballot.newerManifests, verify);
  const distinct = new Map(validations.map((bytes) => [toHex(bytes), bytes]));
  const votes = new Map<string, Vote>();
  const faults: Fault[] = [];
  for (const bytes of distinct.values()) {
    const found = voteOf(bytes, ballot, electors, votes);
    if (typeof found === "string") faults.push(found);
    else votes.set(found.masterKey, found);
  }
  return { votes: Array.from(votes.values()), faults };
}

/**
 * The most votes there can be among validations signed within a time. Costs no signature check, since it takes the signers'
 * clocks and names as they give them: whoever needs a quorum need not look further where this is less.
 *
 * @param fromRippleS - first second; `untilRippleS` is the first one after
 */
export function mostVotes(
  ballot: Ballot,
  validations: readonly Uint8Array[],
  { fromRippleS = 0, untilRippleS = Infinity }: { readonly fromRippleS?: number; readonly untilRippleS?: number },
): number {
  const electors = electorsOf(ballot.members, ballot.newerManifests, () => false);
  const signers = new Set<string>();
  for (const bytes of validations) {
    const validation = parsed(bytes);
    if (!validation?.isFull || !isOf(validation, ballot)) continue;
    const { signedRippleS, signingKey } = validation;
    const isInTime = fromRippleS <= signedRippleS && signedRippleS < untilRippleS;
    if (isInTime && electors.names(signingKey)) signers.add(toHex(signingKey));
  }
  return signers.size;
}

function isOf({ ledgerIndex, ledgerHash }: Validation, ballot: Ballot): boolean {
  return ledgerIndex === ballot.ledgerIndex && equalBytes(ledgerHash, ballot.ledgerHash);
}

function voteOf(bytes: Uint8Array, ballot: Ballot, electors: Electors, votes: ReadonlyMap<string, Vote>): Vote | Fault {
  const validation = parsed(bytes);
  if (!validation) return "malformed";
  const { signingKey } = validation;
  if (!electors.names(signingKey)) return "outsider";
  if (!isOf(validation, ballot)) return "elsewhere";
  if (!validation.isFull) return "partial";
  const elector = electors.electorOf(signingKey);
  if (!elector) return "outsider";
  if (votes.has(elector.masterKey)) return "repeated";
  return isSignedValidation(validation) ? { ...elector, signingKey, bytes } : "unsigned";
}

function parsed(bytes: Uint8Array): Validation | undefined {
  try {
    return parseValidation(bytes);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** Do validations of the list's own members contradict the ledger, rather than merely being too few? */
export function isContradicted({ faults }: Tally): boolean {
  return faults.includes("elsewhere") || faults.includes("unsigned");
}

/** What was not counted and why, for people; empty when everything was. */
export function faultText({ faults }: Tally): string {
  const groups = Map.groupBy(faults, (fault) => fault);
  const parts = Array.from(groups, ([fault, same]) => `${same.length} ${faultTexts[fault]}`);
  return parts.length === 0 ? "" : `; not counted: ${parts.join(", ")}`;
}

/** Manifests by which somebody voted and which the list does not hold. */
export function manifestsBeyond(members: readonly ListMember[], { votes }: Tally): readonly Uint8Array[] {
  const listed = new Set(members.flatMap(({ manifests }) => manifests.map((bytes) => toHex(bytes))));
  return votes.map(({ manifest }) => manifest).filter((manifest) => !listed.has(toHex(manifest)));
}
