import { readBundle } from "./bundle.ts";
import { type VerifySignature, verifyEd25519 } from "./ed25519.ts";
import { SettlementError } from "./error.ts";
import type { Trust } from "./trust.ts";
import { type LayerName, layerNames, type Verdict } from "./verdict.ts";
import { verifyBundle } from "./verify-bundle.ts";

/** The layer that a part of a bundle carries, by the beginning of the codes its reader throws. */
const layerOfPart: readonly (readonly [prefix: string, layer: LayerName])[] = [
  ["EVENT_", "event"],
  ["TIMESTAMP_", "event"],
  ["NODE_", "signature"],
  ["KEY_WINDOW_", "signature"],
  ["PUBLIC_KEY_", "signature"],
  ["MANIFEST_", "manifest"],
  ["EVIDENCE_", "memo"],
  ["RECEIPT_", "ledger"],
  ["XPOP_", "validators"],
  ["XRPL_LIST_", "validators"],
  ["XRPL_", "ledger"],
  ["NETWORK_", "ledger"],
];

function brokenLayer(error: unknown): LayerName | undefined {
  if (!(error instanceof SettlementError)) return undefined;
  return layerOfPart.find(([prefix]) => error.code.startsWith(prefix))?.[1];
}

function failedAt(broken: LayerName, detail: string): Verdict {
  return {
    verdict: "failed",
    summary: `The ${broken} does not hold: ${detail}`,
    account: { address: null, pinned: false },
    layers: layerNames.map((layer) =>
      layer === broken
        ? { layer, status: "fail", detail }
        : { layer, status: "unproven", detail: `not looked at, since the ${broken} does not hold` },
    ),
  };
}

/**
 * The verdict about the bytes of a bundle. A part that contradicts itself so plainly that it cannot be read, such as an
 * event whose id is not that of its content, is a failed layer like any other.
 *
 * @throws SettlementError for bytes that are no bundle at all: those of `parseJson`, `BUNDLE_MALFORMED`, `FORMAT_VERSION_UNKNOWN`
 */
export function judgeBundle(
  bytes: string | Uint8Array,
  trust: Trust,
  verify: VerifySignature = verifyEd25519,
): Verdict {
  try {
    return verifyBundle(readBundle(bytes), trust, verify);
  } catch (error) {
    const broken = brokenLayer(error);
    if (broken && error instanceof SettlementError) return failedAt(broken, error.message);
    throw error;
  }
}
