import { fromHex, fromUtf8 } from "../../core/bytes.ts";
import { verifyConsistency } from "../../core/merkle-proof.ts";
import { quorumOf } from "../../core/xrpl/quorum.ts";
import { listInForce } from "../../core/xrpl/validator-list.ts";
import { readXpop } from "../../core/xrpl/xpop.ts";
import { type Child, definitions, el } from "../dom.ts";
import { drawVotes } from "../draw-votes.ts";
import type { VoteCount } from "../facts.ts";
import type { ConsoleData, EventPage, MonthDetail, MonthFile, ReceiptFacts } from "./data.ts";
import type { Desk, View } from "./desk.ts";
import { eventResults } from "./event-list.ts";
import { countText, explorerUrl, numberText } from "./format.ts";
import { statusBadge, wordsOf } from "./month-words.ts";
import { faultBox, linesOf, paragraph, section, sourceLine, time } from "./parts.ts";
import { verifyPanel } from "./verify-panel.ts";

const firstEvents = 10;
const moreEvents = 100;

/** The votes in an XPOP, as many as there are: who checks their signatures verifies it. */
export function votesIn(xpop: Uint8Array): VoteCount {
  const { validations, list, chain, header } = readXpop(xpop);
  const { members } = listInForce(list, (chain.at(-1) ?? header).closeTimeRippleS).content;
  return { votes: validations.length, validators: members.length, quorum: quorumOf(members.length) };
}

/** What comes of a question whose answer may not be there. */
async function settled(work: () => Promise<readonly HTMLElement[]>): Promise<readonly HTMLElement[]> {
  try {
    return await work();
  } catch (error) {
    return [faultBox(error)];
  }
}

function hashRow(name: string, hash: string | null): readonly [string, ...Child[]] {
  return [name, hash === null ? "none" : el("code", {}, hash)];
}

function summary({ status, count, closedAt, root, manifestHash, manifest }: MonthDetail): HTMLElement {
  const range = manifest?.range ?? null;
  return definitions([
    ["State", statusBadge(status), " ", wordsOf(status).about],
    ["Events", countText(count, "event")],
    ...(closedAt === null ? [] : [["Closed", time(closedAt), " (clock of the node that closed it)"] as const]),
    ...(root === null
      ? []
      : [
          hashRow("Root", root),
          hashRow("Manifest", manifestHash),
          hashRow("Root before", manifest?.prev ?? null),
          hashRow("First event", range?.[0] ?? null),
          hashRow("Last event", range?.[1] ?? null),
        ]),
  ]);
}

function receiptRows({
  network,
  account,
  transactionHash,
  ledgerIndex,
  ledgerHash,
  closeTime,
}: ReceiptFacts): HTMLElement {
  const url = explorerUrl(network, transactionHash);
  const look = url === undefined ? [] : [" ", el("a", { href: url, rel: "noreferrer" }, "look at it in an explorer")];
  return definitions([
    ["Network", network],
    ["Ledger", `${numberText(ledgerIndex)}, closed `, time(closeTime)],
    ["Ledger hash", el("code", {}, ledgerHash)],
    ["Transaction", el("code", {}, transactionHash), ...look],
    ["Account", el("code", {}, account)],
  ]);
}

async function anchorPart({ data, ...desk }: Desk, detail: MonthDetail): Promise<readonly HTMLElement[]> {
  const { month, receipt, links } = detail;
  if (!receipt) return [];
  const hasXpop = Object.hasOwn(links, "xpop");
  const votes = hasXpop ? await settled(async () => [drawVotes(votesIn(await data.monthFile(month, "xpop")))]) : [];
  const name = `${month}.xpop.json`;
  const panel = hasXpop
    ? verifyPanel({ data, ...desk }, { name, load: () => data.monthFile(month, "xpop") })
    : [paragraph("No validator’s signature is at hand, so this page cannot verify it by itself.")];
  return [
    section(
      "anchor-title",
      "On the XRP Ledger",
      receiptRows(receipt),
      ...votes,
      sourceLine(data.urlOf(`v1/partitions/${month}/receipt`), hasXpop ? "and xpop" : ""),
    ),
    section("verify-title", "Verify the anchor", ...panel),
  ];
}

/** Does the log of the whole ledger only ever grow? Computed here. */
async function consistencyPart(
  data: ConsoleData,
  { month, evidence, manifest }: MonthDetail,
): Promise<readonly HTMLElement[]> {
  if (!evidence || !manifest) return [];
  const { partitions } = await data.months();
  const before = partitions.filter((each) => each.month < month && each.root !== null).at(-1);
  const older = before && (await data.month(before.month)).evidence;
  const title = "The log of the whole ledger";
  const facts = definitions([
    ["Log", el("span", { class: "value" }, evidence.o)],
    ["Size", countText(evidence.s, "event")],
    hashRow("Root", evidence.l),
  ]);
  if (!older || !before) return [section("log-title", title, facts, paragraph("It began with this month."))];
  const said = await settled(async () => {
    const { path } = await data.consistency(older.s, evidence.s);
    const [oldHead, newHead] = [older, evidence].map(({ s, l }) => ({ size: s, root: fromHex(l) }));
    if (oldHead && newHead) verifyConsistency(oldHead, newHead, path.map(fromHex));
    return [
      paragraph(
        el("span", { class: "good" }, "✓ Consistent: "),
        `the log grew from ${countText(older.s, "event")} (${before.month}) to ${numberText(evidence.s)}, and every earlier one is still in its place. This was computed on this device from ${countText(path.length, "fingerprint")}.`,
      ),
    ];
  });
  const url = data.urlOf("v1/consistency");
  const source = sourceLine(url && `${url}?old=${older.s}&new=${evidence.s}`);
  return [section("log-title", title, facts, ...said, source)];
}

async function notes(data: ConsoleData, { month, manifest }: MonthDetail): Promise<readonly HTMLElement[]> {
  if (!manifest) return [];
  const named: readonly (readonly [name: MonthFile, about: string])[] = [
    ["checkpoint", "the month’s log, signed by the settlement node"],
    ["ledger-checkpoint", "the whole ledger’s log at the close"],
  ];
  return settled(async () => {
    const texts = await Promise.all(named.map(([name]) => data.monthFile(month, name)));
    const parts = named.flatMap(([name, about], at) => [
      el("h3", {}, el("code", {}, name), `, ${about}`),
      linesOf(fromUtf8(texts[at] ?? new Uint8Array())),
    ]);
    const files = ["manifest", "evidence", "nodes"].map((name) =>
      el("li", {}, el("a", { href: data.urlOf(`v1/partitions/${month}/${name}`) ?? "#" }, name)),
    );
    return [section("notes-title", "Checkpoints and files", ...parts, el("ul", { class: "files" }, ...files))];
  });
}

async function someEvents(desk: Desk, { month }: MonthDetail): Promise<HTMLElement> {
  const { data } = desk;
  const first = await data.events({ month, limit: firstEvents });
  const none = el("p", { class: "none" }, "None. A month without events is closed and anchored like any other.");
  const ask = (after: string): Promise<EventPage> => data.events({ month, limit: moreEvents, after });
  const shown = first.events.length === 0 ? [none] : eventResults(desk, first, ask);
  return section(
    "events-title",
    "Events, as they were accepted",
    ...shown,
    sourceLine(data.urlOf(`v1/partitions/${month}/events`)),
  );
}

/** A month: what fixes it, what witnessed it, and what is in it. */
export async function monthPage(month: string, desk: Desk): Promise<View> {
  const { data } = desk;
  const detail = await data.month(month);
  const [events, anchor, consistency, files] = await Promise.all([
    someEvents(desk, detail),
    anchorPart(desk, detail),
    consistencyPart(data, detail),
    notes(data, detail),
  ]);
  const [onLedger, verify] = anchor;
  return {
    title: `Month ${month}`,
    isLive: true,
    body: [
      summary(detail),
      sourceLine(data.urlOf(`v1/partitions/${month}`)),
      ...(onLedger ? [onLedger] : []),
      ...consistency,
      events,
      ...files,
      // Last: what it shows takes room, and nothing may jump.
      ...(verify ? [verify] : []),
    ],
  };
}
