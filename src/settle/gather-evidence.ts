import { toHex, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { sha256 } from "../core/hash.ts";
import { type JsonValue, parseJson } from "../core/json.ts";
import type { Receipt } from "../core/receipt.ts";
import type { Trust } from "../core/trust.ts";
import { manifestsFor } from "../core/xrpl/electors.ts";
import { ledgerHash } from "../core/xrpl/ledger-header.ts";
import { listContents, listInForce, parseValidatorList, type ValidatorList } from "../core/xrpl/validator-list.ts";
import type { CapturedEvidence, EvidenceStore, HeardLedger, PublishedLists, Validations } from "../ports.ts";

export interface EvidenceDeps {
  readonly validations: Validations;
  readonly evidence: EvidenceStore;
  readonly lists: PublishedLists;
  /** Publishers that outsiders pin: what is proven to nobody is not called proven. */
  readonly trust: Pick<Trust, "publishers">;
}

/** What is at hand to prove a receipt with; nothing of it was checked. */
export interface Gathered {
  /** Ledgers from the receipt's on of which something was heard, ascending. */
  readonly heard: readonly HeardLedger[];
  readonly manifests: readonly Uint8Array[];
  /** Of pinned publishers: as they were when the receipt's ledger closed, then as they are published now. */
  readonly lists: readonly ValidatorList[];
}

/** What a receipt is about. */
type Witnessed = Pick<Receipt, "network" | "header">;

/**
 * What the network says about a receipt's ledger and later ones, now and before a restart. Validations are gone with the
 * process, a validator's manifest with its next one and a list with the one that replaces it, so those about the receipt's
 * own ledger are kept before anything is made of them.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
export async function gatherEvidence(receipt: Witnessed, deps: EvidenceDeps): Promise<Gathered> {
  const { validations, evidence, trust } = deps;
  const { network, header } = receipt;
  const hash = toHex(ledgerHash(header)).toUpperCase();
  const place = { network, ledgerIndex: header.index, ledgerHash: hash };
  const piece = (kind: CapturedEvidence["kind"], bytes: Uint8Array): CapturedEvidence => ({
    ...place,
    kind,
    // The signature tells validations and manifests apart; the name has to be short and the same each time.
    name: toHex(kind === "list" ? sha256(bytes) : bytes.slice(-32)),
    bytes,
  });
  const now = validations.heardFrom(header.index);
  const own = now.find(({ ledgerHash: other }) => other === hash)?.validations ?? [];
  const manifests = validations.manifests();
  const bearing = manifestsFor(own, manifests).map((bytes) => piece("manifest", bytes));
  await keptWith([...own.map((bytes) => piece("validation", bytes)), ...bearing], place, evidence);
  const published = (await deps.lists()).flatMap((value) => pinnedList(value, trust));
  const inForce = published.filter(({ list }) => isInForce(list, header.closeTimeRippleS));
  const listed = inForce.map(({ text }) => piece("list", utf8(text)));
  const kept = await keptWith(listed, place, evidence);
  const keptOf = (kind: CapturedEvidence["kind"]): readonly Uint8Array[] =>
    kept.filter((piece) => piece.kind === kind).map(({ bytes }) => bytes);
  const first = { ledgerIndex: header.index, ledgerHash: hash, validations: keptOf("validation") };
  const rest = now.filter(({ ledgerHash: other }) => other !== hash);
  const keptLists = keptOf("list").flatMap((bytes) => pinnedList(parseJson(bytes), trust));
  const texts = new Map([...keptLists, ...published].map(({ text, list }) => [text, list]));
  const lists = Array.from(texts.values());
  return {
    heard: first.validations.length === 0 ? rest : [first, ...rest],
    manifests: [...keptOf("manifest"), ...manifests, ...lists.flatMap(manifestsIn)],
    lists,
  };
}

/** A list of now may hold the manifest of a key that a list of then did not know yet. */
function manifestsIn(list: ValidatorList): readonly Uint8Array[] {
  const contents = unlessRefused(() => listContents(list)) ?? [];
  return contents.flatMap(({ content: { members } }) => members.flatMap(({ manifests }) => manifests));
}

/** All that is kept about a ledger, pieces that were not yet among it: these are kept now. @throws SettlementError `STATE_UNAVAILABLE` */
async function keptWith(
  pieces: readonly CapturedEvidence[],
  { network, ledgerIndex, ledgerHash: hash }: Pick<CapturedEvidence, "network" | "ledgerIndex" | "ledgerHash">,
  evidence: EvidenceStore,
): Promise<readonly CapturedEvidence[]> {
  const nameOf = ({ kind, name }: CapturedEvidence): string => `${kind} ${name}`;
  const found = (await evidence.find(network, ledgerIndex)).filter(({ ledgerHash: of }) => of === hash);
  const known = new Map(found.map((piece) => [nameOf(piece), piece]));
  for (const piece of pieces) {
    if (known.has(nameOf(piece))) continue;
    await evidence.keep(piece);
    known.set(nameOf(piece), piece);
  }
  return Array.from(known.values());
}

interface PublishedList {
  readonly text: string;
  readonly list: ValidatorList;
}

/** A list whose publisher is pinned; others prove nothing to anybody. */
function pinnedList(value: JsonValue, { publishers }: EvidenceDeps["trust"]): PublishedList[] {
  const list = unlessRefused(() => parseValidatorList(value));
  const isPinned = publishers.some(
    ({ publicKey }) => list && publicKey.toUpperCase() === toHex(list.publicKey).toUpperCase(),
  );
  return list && isPinned ? [{ text: JSON.stringify(value), list }] : [];
}

function isInForce(list: ValidatorList, atRippleS: number): boolean {
  return unlessRefused(() => listInForce(list, atRippleS)) !== undefined;
}

function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}
