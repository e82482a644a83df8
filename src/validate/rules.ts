import type { Rule } from "./rule.ts";
import { judgeClosedMonths } from "./rules/closed-months.ts";
import { judgeClock, judgeEmitters, judgeMonths, judgeUniqueContent, judgeUniqueIds } from "./rules/events.ts";
import { judgeFiles } from "./rules/files.ts";
import { judgeKeyEvents } from "./rules/key-events.ts";
import { judgeNetworkAnchors } from "./rules/network-anchors.ts";
import { judgeNodeHistory } from "./rules/node-history.ts";
import { judgeNodes } from "./rules/nodes.ts";
import {
  judgePlausibility,
  judgePromises,
  judgeRepeatedNames,
  judgeTargets,
  judgeVersionPairs,
} from "./rules/relations.ts";
import { judgeTiles } from "./rules/tiles.ts";

/**
 * The rules of a ledger, in the order in which they run. Three more run before them, since these build on what they
 * learn: each event is schema-valid (`read-event.ts`), accepted events stay as they are (`history.ts`), and each is
 * signed by who may say it (`rules/signatures.ts`).
 */
export const rules: readonly Rule[] = [
  { name: "files", demands: "every name in the ledger folder has its place and is of the right kind", run: judgeFiles },
  {
    name: "nodes",
    demands: "every manifest is well formed and in its own folder, its keys told apart",
    run: judgeNodes,
  },
  { name: "node-history", demands: "keys and revocations stay in the manifests", run: judgeNodeHistory },
  { name: "unique", demands: "no event stands in the ledger twice", run: judgeUniqueIds },
  { name: "unique-content", demands: "what can be said once is not said twice", run: judgeUniqueContent },
  { name: "emitters", demands: "a node emits the types of its kind, and speaks for itself", run: judgeEmitters },
  { name: "months", demands: "an event stands in the file of its month", run: judgeMonths },
  { name: "timestamp-sane", demands: "events are not ahead of the clock, new ones are not old", run: judgeClock },
  { name: "targets", demands: "what is attested stands earlier in the ledger", run: judgeTargets },
  { name: "names", demands: "names within one payload do not repeat", run: judgeRepeatedNames },
  { name: "version-pairs", demands: "of two versions the later one is later", run: judgeVersionPairs },
  { name: "promises", demands: "a node that promises Semantic Versions has them", run: judgePromises },
  {
    name: "plausible",
    demands: "events speak of registered repositories and agree with themselves",
    run: judgePlausibility,
  },
  { name: "keys", demands: "key events are whole and shown by the manifests", run: judgeKeyEvents },
  {
    name: "network-anchors",
    demands: "what the network published of its anchors is recomputed",
    run: judgeNetworkAnchors,
  },
  { name: "closed-months", demands: "what was published of closed months is recomputed", run: judgeClosedMonths },
  { name: "tiles", demands: "tiles hold what their events make of them", run: judgeTiles },
];
