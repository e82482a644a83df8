import { toBase64 } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { didKey } from "../../core/identity-did.ts";
import type { JsonObject } from "../../core/json.ts";
import type { KeyWindow } from "../../core/key-window.ts";
import { type Maintainer, type NodeManifest, parseNodeManifest } from "../../core/node-manifest.ts";
import { formatTimestamp } from "../../core/time.ts";
import { type Child, definitions, disclosure, el } from "../dom.ts";
import type { Desk, View } from "./desk.ts";
import { cellText } from "./event-words.ts";
import { eventRows, eventsHead } from "./event-list.ts";
import { nowUnixMs, timeText } from "./format.ts";
import { typesOf } from "./network-page.ts";
import { cutText, faultBox, jsonLines, paragraph, type Row, section, sourceLine, table } from "./parts.ts";
import { hashOf, noSearch } from "./place.ts";

const newest = 20;

/** May a key sign at an instant, and if not, why? */
function windowText(
  { validFrom, validUntil, revokedAt, revocationReason, invalidAfter }: KeyWindow,
  atUnixMs: number,
): string {
  const lost = revokedAt ?? invalidAfter;
  if (lost !== undefined && lost <= atUnixMs) return `✗ revoked (${revocationReason ?? "compromise"})`;
  if (validUntil !== undefined && validUntil <= atUnixMs) return "✗ expired";
  if (validFrom !== undefined && validFrom > atUnixMs) return "○ not yet";
  return "✓ may sign now";
}

function instant(unixMs: number | undefined, otherwise: string): string {
  return unixMs === undefined ? otherwise : timeText(formatTimestamp(unixMs));
}

function keyRow({ name, keyId, publicKey, window }: Maintainer): Row {
  const key = el("span", {}, el("code", {}, toBase64(publicKey)), " ", el("code", {}, didKey(publicKey)));
  return [
    el("span", { class: "value" }, cellText(keyId ?? name)),
    el("span", { class: "value" }, cellText(name)),
    windowText(window, nowUnixMs()),
    instant(window.validFrom, "always"),
    instant(window.revokedAt ?? window.validUntil, "no end"),
    key,
  ];
}

function names(texts: readonly string[]): Child {
  return texts.length === 0 ? "nothing" : cutText(texts.join(", "), 600);
}

function manifestParts({ kind, provides, consumes, maintainers }: NodeManifest): readonly HTMLElement[] {
  const types = typesOf(kind);
  const facts = definitions([
    ["Kind", kind],
    ["May sign", types.length === 0 ? "none of the monthly types of event" : types.join(", ")],
    ["Provides", names(provides)],
    ["Consumes", names(consumes)],
  ]);
  const head = ["Key", "Maintainer", "Now", "Valid from", "Until", "Ed25519 key (base64, did:key)"];
  return [facts, section("keys-title", "Keys", table("Keys of the node", head, maintainers.map(keyRow)))];
}

function readable(node: JsonObject): readonly HTMLElement[] {
  try {
    return manifestParts(parseNodeManifest(node));
  } catch (error) {
    if (error instanceof SettlementError) return [faultBox(error)];
    throw error;
  }
}

/** A node: its kind, its keys and what it signed. */
export async function nodePage(id: string, desk: Desk): Promise<View> {
  const { data } = desk;
  const [node, { events, next }] = await Promise.all([
    data.node(id),
    data.events({ filters: { node: id }, limit: newest }),
  ]);
  const all = hashOf({ kind: "events", search: { ...noSearch, node: id } });
  const about = hashOf({ kind: "events", search: { ...noSearch, repo: id } });
  const list =
    events.length === 0
      ? el("p", { class: "none" }, next === null ? "It signed none." : "None among those looked at so far.")
      : table("Events that the node signed", eventsHead, eventRows(events));
  return {
    title: `Node ${cellText(id)}`,
    body: [
      ...readable(node),
      sourceLine(data.urlOf(`v1/nodes/${id}`)),
      section(
        "signed-title",
        "Events that say they are by it, oldest first",
        list,
        paragraph(el("a", { href: all }, "All events by it"), " · ", el("a", { href: about }, "All events about it")),
      ),
      disclosure("Its whole manifest (node.json)", false, jsonLines(node)),
    ],
  };
}
