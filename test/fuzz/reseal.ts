import { decode, encode } from "ripple-binary-codec";
import { fromHex, toBase64, toHex } from "../../src/core/bytes.ts";
import { signCheckpoint } from "../../src/core/checkpoint.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import { type EventContent, eventIdBytes } from "../../src/core/event.ts";
import { jsonlEventHash } from "../../src/core/event-jsonl.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { type Manifest, manifestHashOf } from "../../src/core/manifest.ts";
import { anchorMemos } from "../../src/core/memo.ts";
import { leafHash, nodeHash } from "../../src/core/merkle.ts";
import { rootFromInclusion } from "../../src/core/merkle-proof.ts";
import { nodeEntry } from "../../src/core/node-manifest.ts";
import { signNote } from "../../src/core/note.ts";
import { publicKeyPem } from "../../src/core/public-key.ts";
import { statementText } from "../../src/core/receipt.ts";
import { formatRippleTime } from "../../src/core/xrpl/close-time.ts";
import { ledgerHash } from "../../src/core/xrpl/ledger-header.ts";
import { innerHash, nibbleAt, transactionLeaf } from "../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { Chance } from "../simulator/chance.ts";
import { headerOf, listOfStrangers, votesByStrangers } from "./strangers.ts";

type Json = Record<string, JsonValue>;

/** Makes one statement of a document true of the rest of it again. Throws whatever it likes where the rest is in pieces. */
type Seal = (document: Json) => Json;

/** A key that nobody pinned. */
const strangerSeed = new Uint8Array(32).fill(0x5a);
const stranger = {
  publicKey: publicKeyOf(strangerSeed),
  sign: (message: Uint8Array): Uint8Array => signEd25519(strangerSeed, message),
};

const part = (document: Json, name: string): Json => document[name] as Json;
const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");
const upper = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();

function idOf({ event, dialect }: Json): string {
  const { signature, id } = event as Json;
  return text(dialect === "jsonl" ? (signature as Json)["canonicalHash"] : id);
}

function withId(document: Json): Json {
  const event = part(document, "event");
  if (document["dialect"] !== "jsonl")
    return { ...document, event: { ...event, id: toHex(eventIdBytes(event as unknown as EventContent)) } };
  const signature = { ...part(event, "signature"), canonicalHash: toHex(jsonlEventHash(event)) };
  return { ...document, event: { ...event, signature } };
}

function signedByStranger(document: Json): Json {
  const event = part(document, "event");
  const value = toBase64(stranger.sign(fromHex(idOf(document))));
  const signature = document["dialect"] === "jsonl" ? { ...part(event, "signature"), value } : value;
  return { ...document, event: { ...event, signature } };
}

function strangerAsMaintainer(document: Json): Json {
  const signer = part(document, "signer");
  const node = part(signer, "node");
  const [first, ...rest] = node["maintainers"] as readonly Json[];
  const maintainers = [{ ...first, publicKey: publicKeyPem(stranger.publicKey) }, ...rest];
  return { ...document, signer: { ...signer, node: { ...node, maintainers } } };
}

function nodesRootFromSigner(document: Json): Json {
  const { node, path } = part(document, "signer") as { node: Json; path: readonly Record<string, string>[] };
  const root = path.reduce(
    (below, { left, right }) =>
      left === undefined ? nodeHash(below, fromHex(right ?? "")) : nodeHash(fromHex(left), below),
    leafHash(nodeEntry(node)),
  );
  return { ...document, evidence: { ...part(document, "evidence"), k: toHex(root) } };
}

function monthFromInclusion(document: Json): Json {
  const { index, size, path } = part(document, "inclusion") as { index: number; size: number; path: readonly string[] };
  const id = idOf(document);
  const root = toHex(rootFromInclusion(leafHash(fromHex(id)), index, size, path.map(fromHex)));
  const manifest = part(document, "manifest");
  const [first, last] = manifest["range"] as readonly string[];
  const range = [index === 0 ? id : (first ?? id), index === size - 1 ? id : (last ?? id)];
  return { ...document, manifest: { ...manifest, root, count: size, range } };
}

function withManifestHash(document: Json): Json {
  const { manifestHash: _old, ...rest } = part(document, "manifest");
  const manifestHash = manifestHashOf(rest as unknown as Omit<Manifest, "manifestHash">);
  const receipt = document["receipt"] === undefined ? {} : { receipt: { ...part(document, "receipt"), manifestHash } };
  return { ...document, manifest: { ...rest, manifestHash }, ...receipt };
}

function checkpointsByStranger(document: Json): Json {
  const { partitionId, root, count } = part(document, "manifest");
  const { o, s, l } = part(document, "evidence");
  const note = (origin: string, size: JsonValue | undefined, hash: JsonValue | undefined): string =>
    signCheckpoint({ origin, size: Number(size), root: fromHex(text(hash)) }, stranger);
  return {
    ...document,
    checkpoint: note(`${text(o)}/${text(partitionId)}`, count, root),
    ledgerCheckpoint: note(text(o), s, l),
  };
}

/** The memos of the receipt's transaction say what manifest and evidence say. Its signature is not that of the account then. */
function memosFromClaim(document: Json): Json {
  const receipt = part(document, "receipt");
  const transaction = part(receipt, "transaction");
  const memos = anchorMemos(document["manifest"] as never, document["evidence"] as never);
  const Memos = memos.map(({ type, format, data }) => ({
    Memo: { MemoType: upper(type), MemoFormat: upper(format), MemoData: upper(data) },
  }));
  const blob = encode({ ...decode(text(transaction["blob"])), Memos });
  return { ...document, receipt: { ...receipt, transaction: { ...transaction, blob } } };
}

/** Another transaction, which would do the same if it were signed. */
function laterTransaction(xpop: Json): Json {
  const transaction = part(xpop, "transaction");
  const fields = decode(text(transaction["blob"]));
  const blob = encode({ ...fields, Sequence: Number(fields["Sequence"]) + 1 });
  return { ...xpop, transaction: { ...transaction, blob } };
}

/** The transaction alone in a tree, of which the header knows nothing. */
function treeOfTransaction(holder: Json): Json {
  return { ...holder, transaction: part(ledgerOfTransaction(holder), "transaction") };
}

/** The transaction alone in the tree of its ledger. */
function ledgerOfTransaction(holder: Json): Json {
  const transaction = part(holder, "transaction");
  const [blob, meta] = [fromHex(text(transaction["blob"])), fromHex(text(transaction["meta"]))];
  const own = nibbleAt(transactionId(blob), 0);
  const leaf = transactionLeaf(blob, meta);
  const children = Array.from({ length: 16 }, (_, nibble) => (nibble === own ? leaf : new Uint8Array(32)));
  return {
    ...holder,
    transaction: { ...transaction, proof: children.map(upper) },
    ledger: { ...part(holder, "ledger"), txroot: upper(innerHash(children)) },
  };
}

function factsOfReceipt(document: Json): Json {
  const receipt = part(document, "receipt");
  const header = headerOf(receipt);
  const facts = {
    transactionHash: upper(transactionId(fromHex(text(part(receipt, "transaction")["blob"])))),
    ledgerIndex: header.index,
    ledgerHash: upper(ledgerHash(header)),
    closeTime: formatRippleTime(header.closeTimeRippleS),
  };
  return { ...document, receipt: { ...receipt, ...facts } };
}

function statementByStranger(document: Json): Json {
  const receipt = part(document, "receipt");
  const { o } = part(document, "evidence");
  const origin = `${text(o)}/${text(receipt["partitionId"])}`;
  const words = statementText(origin, text(receipt["transactionHash"]), headerOf(receipt));
  const statement = signNote(words, { ...stranger, name: text(o) });
  return { ...document, receipt: { ...receipt, statement } };
}

function xpopOfReceipt(document: Json): Json {
  const { ledger = null, transaction = null } = part(document, "receipt");
  return { ...document, xpop: { ...part(document, "xpop"), ledger, transaction } };
}

function linkedChain(xpop: Json): Json {
  let last = headerOf(xpop);
  const chain = (xpop["chain"] as readonly Json[]).map((json) => {
    const linked = { ...json, index: last.index + 1, phash: upper(ledgerHash(last)) };
    last = headerOf({ ledger: linked });
    return linked;
  });
  return { ...xpop, chain };
}

const inside =
  (name: string, seal: Seal): Seal =>
  (document) => ({ ...document, [name]: seal(part(document, name)) });

type Step = readonly [name: string, probability: number, seal: Seal];

/** In the order of the chain of evidence, each resting on those before it. */
const bundleSteps: readonly Step[] = [
  ["id", 0.9, withId],
  ["a stranger signs", 0.3, signedByStranger],
  ["a stranger maintains", 0.3, strangerAsMaintainer],
  ["k", 0.5, nodesRootFromSigner],
  ["root", 0.7, monthFromInclusion],
  ["manifestHash", 0.9, withManifestHash],
  ["checkpoints", 0.3, checkpointsByStranger],
  ["memos", 0.3, memosFromClaim],
  ["tree", 0.2, inside("receipt", treeOfTransaction)],
  ["ledger", 0.5, inside("receipt", ledgerOfTransaction)],
  ["facts", 0.9, factsOfReceipt],
  ["statement", 0.3, statementByStranger],
  ["xpop", 0.8, xpopOfReceipt],
  ["votes", 0.02, inside("xpop", votesByStrangers)],
  ["list", 0.02, inside("xpop", listOfStrangers)],
];

const xpopSteps: readonly Step[] = [
  ["transaction", 0.1, laterTransaction],
  ["tree", 0.2, treeOfTransaction],
  ["ledger", 0.5, ledgerOfTransaction],
  ["chain", 0.8, linkedChain],
  ["votes", 0.04, votesByStrangers],
  ["list", 0.04, listOfStrangers],
];

/** Some of the steps, or all up to one: then it is the next link of the chain of evidence that has to hold. */
function chosen(steps: readonly Step[], chance: Chance): readonly Step[] {
  if (chance.happens(0.5)) return steps.filter(([, probability]) => chance.happens(probability));
  return steps.slice(0, chance.between(1, steps.length));
}

/**
 * A document in which what follows from a change is right again, as far as that takes no key of anybody's: so that the
 * faults that are left are those of signatures.
 */
export function resealed(
  kind: "bundle" | "xpop",
  document: JsonValue,
  chance: Chance,
): readonly [how: string, JsonValue] {
  const done: string[] = [];
  let sealed = document;
  for (const [name, , seal] of chosen(kind === "bundle" ? bundleSteps : xpopSteps, chance)) {
    try {
      sealed = seal(sealed as Json);
      done.push(name);
    } catch {
      // The part is in pieces; it stays so.
    }
  }
  return [`reseals ${done.join(", ")}`, sealed];
}
