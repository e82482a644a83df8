import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { JsonValue } from "../core/json.ts";
import type { NodeManifest } from "../core/node-manifest.ts";
import { parseNodeRequest, requireGovernance } from "../core/node-request.ts";
import { ledgerOrigin } from "../core/settlement-info.ts";
import type { Clock, SharedLedger } from "../ports.ts";
import type { Finding } from "../validate/finding.ts";

export interface AddNodeDeps {
  readonly ledger: SharedLedger;
  readonly clock: Clock;
  readonly verify: VerifySignature;
  /** Judges a manifest by every rule of the ledger; nothing is written. */
  readonly judge: (id: string, bytes: Uint8Array) => Promise<JudgedNode>;
}

/** A manifest and what the ledger says of it. */
interface JudgedNode {
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Puts it into the ledger, durably, if nobody has changed it since. */
  write(): Promise<void>;
}

export interface AddedNode {
  readonly id: string;
  readonly state: "added" | "known" | "refused";
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * Takes a new node into the ledger, at the wish of its governance. A node that is there is changed by its own, as the
 * rules of the ledger say, and not in this way: an older wish could be sent again.
 *
 * @throws SettlementError `NODE_REQUEST_REFUSED`, `SETTLEMENT_INFO_MISSING`, `LEDGER_CHANGED`, `ACCEPTANCE_STOPPED`, and those of `parseNodeRequest`
 */
export async function addNode(value: JsonValue, deps: AddNodeDeps): Promise<AddedNode> {
  const { ledger, clock, verify, judge } = deps;
  const request = parseNodeRequest(value);
  const granted = async (): Promise<readonly NodeManifest[]> => {
    const { settlement, nodes } = await ledger.frame();
    if (!settlement) {
      throw new SettlementError(
        "SETTLEMENT_INFO_MISSING",
        "the ledger has no name yet, so nothing can be meant for it",
      );
    }
    requireGovernance(request, { nodes, origin: ledgerOrigin(settlement.host) }, clock(), verify);
    return nodes;
  };
  // Anybody may ask; who may not keeps nobody from the ledger.
  await granted();
  return ledger.alone(async () => {
    const nodes = await granted();
    const { id, json } = request.manifest;
    const bytes = manifestBytes(request.node);
    const held = nodes.find((node) => node.id === id);
    if (held) {
      if (JSON.stringify(held.json) === JSON.stringify(json)) return { id, state: "known", errors: [], warnings: [] };
      throw new SettlementError(
        "NODE_REQUEST_REFUSED",
        `the request is not granted: ${id} is in the ledger already and says something else; it is changed by its own keys`,
      );
    }
    const { errors, warnings, write } = await judge(id, bytes);
    if (errors.length > 0) return { id, state: "refused", errors, warnings };
    await write();
    return { id, state: "added", errors, warnings };
  });
}

function manifestBytes(node: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(node, null, 2)}\n`);
}
