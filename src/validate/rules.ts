import type { EventRule, LedgerRule, Rule } from "./rule.ts";
import { judgeClosedMonths } from "./rules/closed-months.ts";
import { judgeClock, judgeEmitter, judgeMonth, judgeUniqueContent, judgeUniqueId } from "./rules/events.ts";
import { judgeFiles } from "./rules/files.ts";
import { judgeKeyEvent } from "./rules/key-events.ts";
import { judgeAnchorNote, judgeNetworkManifests } from "./rules/network-anchors.ts";
import { judgeNodeHistory } from "./rules/node-history.ts";
import { judgeNodes } from "./rules/nodes.ts";
import {
  judgePlausibility,
  judgePromise,
  judgeRepeatedNames,
  judgeTarget,
  judgeVersionPair,
} from "./rules/relations.ts";
import { judgeTiles } from "./rules/tiles.ts";

/** Changes whenever a rule does, or the form of what is remembered of what was judged. */
export const rulesVersion = "3";

/** Rules of single events; an event that is handed in is judged by the same ones. */
export const eventRules: readonly EventRule[] = [
  { name: "unique", demands: "no event stands in the ledger twice", judge: judgeUniqueId },
  { name: "unique-content", demands: "what can be said once is not said twice", judge: judgeUniqueContent },
  {
    name: "emitters",
    demands: "a node emits the types of its kind, and speaks for itself",
    isLocal: true,
    judge: judgeEmitter,
  },
  { name: "months", demands: "an event stands in the file of its month", isLocal: true, judge: judgeMonth },
  { name: "timestamp-sane", demands: "events are not ahead of the clock, new ones are not old", judge: judgeClock },
  { name: "targets", demands: "what is attested stands earlier in the ledger", isLate: true, judge: judgeTarget },
  { name: "names", demands: "names within one payload do not repeat", isLocal: true, judge: judgeRepeatedNames },
  { name: "version-pairs", demands: "of two versions the later one is later", isLocal: true, judge: judgeVersionPair },
  { name: "promises", demands: "a node that promises Semantic Versions has them", isLocal: true, judge: judgePromise },
  {
    name: "plausible",
    demands: "events speak of registered repositories and agree with themselves",
    isLocal: true,
    judge: judgePlausibility,
  },
  { name: "keys", demands: "key events are whole and shown by the manifests", isLate: true, judge: judgeKeyEvent },
  {
    name: "anchor-notes",
    demands: "what anchor events say of the ledger is recomputed",
    isLate: true,
    judge: judgeAnchorNote,
  },
];

/** Those that can be judged wherever the event and the nodes are. */
export const localRules = eventRules.filter(({ isLocal }) => isLocal);

export const ledgerRules: readonly LedgerRule[] = [
  {
    name: "files",
    demands: "every name in the ledger folder has its place and is of the right kind",
    isOfFiles: true,
    run: judgeFiles,
  },
  {
    name: "nodes",
    demands: "every manifest is well formed and in its own folder, its keys told apart",
    isOfFiles: true,
    run: judgeNodes,
  },
  { name: "node-history", demands: "keys and revocations stay in the manifests", run: judgeNodeHistory },
  {
    name: "network-anchors",
    demands: "what the network published of its anchors is recomputed",
    run: judgeNetworkManifests,
  },
  {
    name: "closed-months",
    demands: "what was published of closed months is recomputed",
    isOfClosed: true,
    run: judgeClosedMonths,
  },
  { name: "tiles", demands: "tiles hold what their events make of them", isOfClosed: true, run: judgeTiles },
];

/**
 * The rules of a ledger, in the order in which they run. Three more run before them, since these build on what they
 * learn: each event is schema-valid (`read-event.ts`), accepted events stay as they are (`history.ts`), and each is
 * signed by who may say it (`rules/signatures.ts`).
 */
export const rules: readonly Rule[] = [...ledgerRules, ...eventRules];
