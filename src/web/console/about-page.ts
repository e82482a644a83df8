import { el } from "../dom.ts";
import type { Desk, View } from "./desk.ts";
import { countText } from "./format.ts";
import { statesList, statusWords } from "./month-words.ts";
import { copyNotice, link, paragraph, section } from "./parts.ts";
import type { MonthStatus } from "./data.ts";

const chain: readonly (readonly [title: string, about: string])[] = [
  [
    "An event",
    "A node says something, such as “version 1.2.0 of this repository was released”, and signs it with its key.",
  ],
  [
    "Its month",
    "At the end of the month all events are joined, pair by pair, into one fingerprint: the root. Change one letter of one event, and the root is another one.",
  ],
  [
    "A transaction",
    "The settlement node writes that root into a transaction on the XRP Ledger, a public ledger that it does not control.",
  ],
  [
    "The validators",
    "Dozens of independent computers sign each ledger of that network. Their signatures say that the root existed at that time.",
  ],
  [
    "A proof",
    "One file holds the event, its way to the root, the transaction and the signatures. Anybody can check it offline, also when whoever keeps this record is long gone.",
  ],
];

/** For somebody who sees all of this for the first time. */
export async function aboutPage({ data }: Desk): Promise<View> {
  const [facts, { partitions }, nodes] = await Promise.all([data.facts(), data.months(), data.nodes()]);
  const events = partitions.reduce((sum, { count }) => sum + count, 0);
  const steps = chain.map(([title, about]) => el("li", {}, el("strong", {}, title), paragraph(about)));
  const api = data.urlOf("v1/openapi.yaml");
  const states = Object.keys(statusWords) as readonly MonthStatus[];
  return {
    title: "What is this?",
    body: [
      el(
        "p",
        { class: "lead" },
        `This is the record of ${facts.origin === null ? "a RepoMesh network" : `the RepoMesh network at ${facts.origin.replace(/\/ledger$/, "")}`}: ${countText(nodes.length, "node")} signed ${countText(events, "event")} in ${countText(partitions.length, "month")}. A node is a repository, or a service, with a key of its own. The record is made so that nobody can change the past unseen, not even who ${data.source === "copy" ? "made this copy" : "runs this server"}.`,
      ),
      ...(await copyNotice(data)),
      ...(facts.notice === undefined ? [] : [el("p", { class: "warning" }, facts.notice)]),
      section("chain-of-title", "From an event to a proof", el("ol", { class: "links" }, ...steps)),
      section("states-title", "The life of a month", statesList(states)),
      section(
        "not-title",
        "What a proof does not say",
        el(
          "ul",
          {},
          el("li", {}, "That an event is true: a node signed it, and answers for it."),
          el("li", {}, "That it was made at the time it claims: only that it existed when the ledger closed."),
          el("li", {}, "Whose account the anchor is: hold it against one that somebody you believe named to you."),
        ),
      ),
      section(
        "where-title",
        "Where to go",
        el(
          "ul",
          {},
          el(
            "li",
            {},
            link({ kind: "ledger" }, "The ledger"),
            ": every month, and a field that finds releases and events",
          ),
          el("li", {}, link({ kind: "network" }, "The network"), ": who signs, and with which keys"),
          el(
            "li",
            {},
            el("a", { href: data.urlOf("verify") ?? "#" }, "The verification page"),
            ": check a proof file, offline too",
          ),
          ...(api === undefined
            ? []
            : [el("li", {}, el("a", { href: api }, "The HTTP API"), ": everything shown here, for programs")]),
        ),
      ),
    ],
  };
}
