import { bundleMediaType, readBundle } from "../core/bundle.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import { type LayerName, layerNames, type Verdict } from "../core/verdict.ts";
import { verifyBundle } from "../core/verify-bundle.ts";
import { jsonAnswer, jsonMediaType } from "./answer.ts";
import type { HttpDeps } from "./context.ts";
import type { Route } from "./route.ts";

const maxBytes = 1024 * 1024;

/** What a bundle can contradict in itself so plainly that it is not read to its end, and the layer that this breaks. */
const brokenLayer: Readonly<Partial<Record<ErrorCode, LayerName>>> = {
  EVENT_ID_MISMATCH: "event",
  MANIFEST_HASH_MISMATCH: "manifest",
  RECEIPT_REFUTED: "ledger",
};

function failedAt(broken: LayerName, { message }: SettlementError): Verdict {
  return {
    verdict: "failed",
    summary: `The ${broken} does not hold: ${message}`,
    account: { address: null, pinned: false },
    layers: layerNames.map((layer) =>
      layer === broken
        ? { layer, status: "fail", detail: message }
        : { layer, status: "unproven", detail: `not looked at, since the ${broken} does not hold` },
    ),
  };
}

/** @throws SettlementError for bytes that are no well-formed bundle */
function judge(body: Uint8Array, { trust, verify }: HttpDeps): Verdict {
  try {
    return verifyBundle(readBundle(body), trust, verify);
  } catch (error) {
    const broken = error instanceof SettlementError ? brokenLayer[error.code] : undefined;
    if (error instanceof SettlementError && broken) return failedAt(broken, error);
    throw error;
  }
}

export function verifyRoutes(deps: HttpDeps): readonly Route[] {
  return [
    {
      path: "/v1/verify",
      body: { types: [jsonMediaType, bundleMediaType], maxBytes },
      answer: ({ body }) => jsonAnswer(judge(body, deps), "never"),
    },
  ];
}
