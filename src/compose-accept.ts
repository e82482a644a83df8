import { folderTree } from "./adapters/folder-tree.ts";
import { type OpenLedger } from "./compose.ts";
import { fast, policyBytes } from "./compose-judging.ts";
import type { SettlementKey } from "./compose-keys.ts";
import { proposeNode, writeNode } from "./compose-nodes.ts";
import type { OpenState } from "./compose-state.ts";
import type { Config } from "./config.ts";
import type { AcceptDeps } from "./http/accept.ts";
import { acceptor } from "./settle/accept-events.ts";
import { openDoor } from "./validate/door.ts";
import { verifyThreads } from "./verify-pool.ts";

/** So many seconds of its rate a node may hand in at once. */
const burstS = 60;

/** Takes events into the ledger, each promised its place by this node's key. */
export function acceptingInto(
  config: Config,
  open: OpenLedger,
  { key, state }: { readonly key: SettlementKey; readonly state: OpenState },
): AcceptDeps {
  const policy = policyBytes(config);
  const { verify, sha256, hashing } = fast;
  const { verifyAhead, verifiedAtOnce } = verifyThreads();
  const door = { verify, sha256, verifyAhead, verifiedAtOnce, ...(policy ? { policy } : {}) };
  const { nodeRateLimit } = config;
  return {
    acceptor: acceptor({
      ledger: open.ledger,
      openDoor: (previous) => openDoor(open.tree, door, previous),
      heads: state.heads,
      promises: state.promises,
      key,
      network: config.network,
      sha256,
      hashing,
      clock: Date.now,
      graceMs: config.grace * 60_000,
    }),
    nodes: {
      ledger: open.ledger,
      clock: Date.now,
      verify,
      async judge(id, bytes) {
        const judging = { nowUnixMs: Date.now(), policy };
        const proposed = await proposeNode({ ...open, browsable: folderTree(config.ledger) }, { id, bytes }, judging);
        return { ...proposed, write: () => writeNode(open, proposed) };
      },
    },
    ...(nodeRateLimit === 0 ? {} : { rate: { perSecond: nodeRateLimit, burst: burstS * nodeRateLimit } }),
  };
}
