import { type Bundle, readBundle } from "../../core/bundle.ts";
import { fromHex } from "../../core/bytes.ts";
import { verifyEd25519 } from "../../core/ed25519.ts";
import { SettlementError } from "../../core/error.ts";
import { parseSignature } from "../../core/event.ts";
import { type LedgerEvent, parseLedgerEvent } from "../../core/ledger-event.ts";
import { leafHash } from "../../core/merkle.ts";
import { isNodeId } from "../../core/node-id.ts";
import { type NodeManifest, parseNodeManifest } from "../../core/node-manifest.ts";
import { type Child, definitions, el } from "../dom.ts";
import { drawTree } from "../draw-tree.ts";
import { treePicture } from "../facts.ts";
import { type ConsoleData, type EventEntry, NoAnswer } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { type EventFacts, eventFacts } from "./event-words.ts";
import { numberText } from "./format.ts";
import { cutText, faultBox, jsonLines, link, paragraph, section, sourceLine, time } from "./parts.ts";
import { hashOf, noSearch } from "./place.ts";
import { noProofYet, verificationLink, verifyPanel } from "./verify-panel.ts";

/** What was found of the id and the signature, on this device. */
interface Signature {
  readonly word: "good" | "bad" | "unsure";
  readonly text: string;
}

/** A manifest that may have signed, and since when it is known. */
interface Candidate {
  readonly node: NodeManifest;
  readonly as: string;
}

async function candidateOf(
  data: ConsoleData,
  event: LedgerEvent,
  bundle: Bundle | undefined,
): Promise<Candidate | undefined> {
  if (bundle) return { node: bundle.signer.node, as: "as it was when the month closed" };
  const id = event.nodeId ?? event.repo;
  if (id === undefined) return undefined;
  try {
    return { node: parseNodeManifest(await data.node(id)), as: "as it is registered now" };
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** Recomputes the id and looks for the key that signed. */
async function signatureOf(data: ConsoleData, entry: EventEntry, bundle: Bundle | undefined): Promise<Signature> {
  let event: LedgerEvent;
  try {
    event = parseLedgerEvent(entry.dialect, entry.event);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return { word: "bad", text: error.message };
  }
  if (event.id !== entry.id) return { word: "bad", text: `its content is that of another event, ${event.id}` };
  const candidate = await candidateOf(data, event, bundle);
  const unknown: Signature = {
    word: "unsure",
    text: "its id fits its content; who signed it shows once its month is closed",
  };
  if (!candidate) return unknown;
  const [id, signature] = [fromHex(event.id), parseSignature(event.signature)];
  const key = candidate.node.maintainers.find(({ publicKey }) => verifyEd25519(publicKey, id, signature));
  if (key)
    return {
      word: "good",
      text: `key ${key.keyId ?? key.name} of ${candidate.node.id} (${candidate.node.kind}), ${candidate.as}`,
    };
  return event.dialect === "monthly"
    ? { word: "bad", text: `no key of ${candidate.node.id}, ${candidate.as}, made it` }
    : unknown;
}

const verdictWords = { good: "✓ Good: ", bad: "✗ Bad: ", unsure: "? Not shown: " } as const;

function aboutRows({ repo, version, by }: EventFacts, type: string): readonly (readonly [string, ...Child[]])[] {
  const isKnown = isNodeId(repo);
  const what = isKnown ? link({ kind: "node", id: repo }, repo) : cutText(repo);
  const release =
    type === "ReleasePublished" && isKnown && version !== ""
      ? [" ", link({ kind: "release", repo, version }, "What the ledger says about this release")]
      : [];
  return [
    ...(repo === "" ? [] : [["Repository", what] as const]),
    ...(version === "" ? [] : [["Version", cutText(version), ...release] as const]),
    ...(by === ""
      ? []
      : [["It says it is by", isNodeId(by) ? link({ kind: "node", id: by }, by) : cutText(by)] as const]),
  ];
}

function factsOf(entry: EventEntry, facts: EventFacts, signature: Signature): HTMLElement {
  const { id, month, index, event } = entry;
  const raw = event["signature"];
  return definitions([
    ["Type", cutText(facts.type)],
    ...aboutRows(facts, facts.type),
    [
      "Its own time",
      facts.timestamp.length < 40 ? time(facts.timestamp) : cutText(facts.timestamp, 40),
      " (its signer’s word)",
    ],
    ["Place", link({ kind: "month", month }, month), `, event ${numberText(index + 1)} of the month`],
    ["Id", el("code", {}, id)],
    ["Signature", el("span", { class: signature.word }, verdictWords[signature.word]), cutText(signature.text, 400)],
    ...(typeof raw === "string" ? [["", el("code", {}, raw.slice(0, 200))] as const] : []),
  ]);
}

function treePart({ event, inclusion, manifest }: Bundle): HTMLElement {
  const tree = treePicture(leafHash(fromHex(event.id)), inclusion, manifest.root);
  return section(
    "tree-title",
    "Its way to the root of the month",
    tree ? drawTree(tree) : paragraph("The way in its proof cannot be of this place in a tree of this size."),
  );
}

/** The proof as far as it can be had and read, or why it cannot. */
async function bundleOf(
  data: ConsoleData,
  id: string,
): Promise<{ readonly bundle?: Bundle; readonly fault?: SettlementError | NoAnswer }> {
  try {
    return { bundle: readBundle(await data.proof(id)) };
  } catch (error) {
    if (error instanceof SettlementError || error instanceof NoAnswer) return { fault: error };
    throw error;
  }
}

/** Is there no proof, however often it is asked for? */
function isRefuted(fault: SettlementError | NoAnswer | undefined): boolean {
  return fault instanceof NoAnswer ? fault.status === 422 : fault !== undefined;
}

/** One event, its place, and its proof. */
export async function eventPage(id: string, desk: Desk): Promise<View> {
  const { data } = desk;
  const entry = await data.event(id);
  const isThere = entry.state !== "open";
  const { bundle, fault }: Awaited<ReturnType<typeof bundleOf>> = isThere ? await bundleOf(data, id) : {};
  const facts = eventFacts(entry);
  const signature = await signatureOf(data, entry, bundle);
  const path = `v1/events/${id}`;
  const provable = { name: `${id.slice(0, 16)}.proof.json`, load: () => data.proof(id) };
  const panel = isThere ? verifyPanel(desk, provable, await verificationLink(data, id)) : [noProofYet(entry.month)];
  const others = { ...noSearch, repo: facts.repo };
  return {
    title: `Event ${id.slice(0, 12)}…`,
    body: [
      factsOf(entry, facts, signature),
      sourceLine(data.urlOf(path)),
      section(
        "content-title",
        "What it says",
        jsonLines(entry.event["payload"] ?? entry.event),
        ...(isNodeId(facts.repo)
          ? [paragraph(el("a", { href: hashOf({ kind: "events", search: others }) }, `All events about ${facts.repo}`))]
          : []),
      ),
      ...(bundle ? [treePart(bundle), sourceLine(data.urlOf(`${path}/proof`))] : []),
      section("proof-title", "Its proof", ...(fault ? [faultBox(fault)] : []), ...(isRefuted(fault) ? [] : panel)),
    ],
  };
}
