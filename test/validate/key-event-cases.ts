import type { JsonObject } from "../../src/core/json.ts";
import {
  type Files,
  type Json,
  jsonlEvent,
  jsonlFiles,
  linesPath,
  pemOf,
  withEvents,
  withJson,
  withoutFile,
} from "../support/build-ledger.ts";

const manifest = "ledger/nodes/acme/widget/node.json";
const when = "2026-03-10T00:00:00Z";
export const later = "2026-03-15T00:00:00Z";

export function keyEvent(
  type: "KeyRotation" | "KeyRevocation",
  key: JsonObject,
  signer = "acme/widget",
  keyId?: string,
  timestamp = "2026-03-09T00:00:00Z",
): Json {
  return jsonlEvent({ type, repo: "acme/widget", timestamp, key }, signer, keyId);
}

export const rotation = (more: JsonObject = {}): JsonObject => ({
  action: "rotate",
  retiringKeyId: "acme-widget-1",
  newKeyId: "acme-widget-2",
  newPublicKey: pemOf("second key"),
  effectiveAt: when,
  ...more,
});

const revocation = (more: JsonObject = {}): JsonObject => ({
  action: "revoke",
  revokedKeyId: "acme-widget-1",
  reason: "retirement",
  ...more,
});

/** The network with key events at the end and another window for the first key, and a second key. */
export function keyLedger(events: readonly JsonObject[], first: JsonObject = {}, second: JsonObject = {}): Files {
  const files = withEvents(withoutFile(jsonlFiles(), "anchor/xrpl/manifests/all.json"), linesPath, (old) => [
    ...old,
    ...events,
  ]);
  return withJson(files, manifest, (node) => {
    const [key = {}] = node["maintainers"] as Json[];
    const next = { ...key, keyId: "acme-widget-2", publicKey: pemOf("second key") };
    const last = { ...key, keyId: "acme-widget-3", publicKey: pemOf("third key"), validFrom: later };
    node["maintainers"] = [{ ...key, ...first }, { ...next, ...second }, last];
  });
}

export const rotated = [{ validUntil: when }, { validFrom: when }] as const;
const retired = { revokedAt: when, revocationReason: "retirement" };
const compromised = { revokedAt: when, revocationReason: "compromise", invalidAfter: "2026-03-01T00:00:00Z" };
const again = {
  retiringKeyId: "acme-widget-2",
  newKeyId: "acme-widget-3",
  newPublicKey: pemOf("third key"),
  effectiveAt: later,
};

/** Networks with key events at the end of their ledger, and every code that is found. */
export const keyEventCases: readonly {
  readonly name: string;
  readonly files: Files;
  readonly codes: readonly string[];
}[] = [
  {
    name: "a rotation by the retiring key",
    files: keyLedger([keyEvent("KeyRotation", rotation())], ...rotated),
    codes: [],
  },
  {
    name: "a rotation signed after it took effect",
    files: keyLedger(
      [keyEvent("KeyRotation", rotation(), "acme/widget", undefined, "2026-03-11T00:00:00Z")],
      ...rotated,
    ),
    codes: [],
  },
  {
    name: "a rotation by the new key",
    files: keyLedger(
      [keyEvent("KeyRotation", rotation(), "second key", "acme-widget-2", "2026-03-11T00:00:00Z")],
      ...rotated,
    ),
    codes: [],
  },
  {
    name: "a rotation by a node of the policy",
    files: keyLedger([keyEvent("KeyRotation", rotation(), "rules/keeper")], ...rotated),
    codes: [],
  },
  {
    name: "a rotation by a node the policy does not name",
    files: keyLedger([keyEvent("KeyRotation", rotation(), "audit/one")], ...rotated),
    codes: ["SIGNER_NOT_PERMITTED"],
  },
  {
    name: "two rotations",
    files: keyLedger(
      [
        keyEvent("KeyRotation", rotation()),
        keyEvent("KeyRotation", rotation(again), "second key", "acme-widget-2", "2026-03-14T00:00:00Z"),
      ],
      { validUntil: when },
      { validFrom: when, validUntil: later },
    ),
    codes: [],
  },
  {
    name: "a rotation that the manifest does not show",
    files: keyLedger([keyEvent("KeyRotation", rotation())]),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a rotation at another time than the manifest says",
    files: keyLedger([keyEvent("KeyRotation", rotation({ effectiveAt: later }))], ...rotated),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a rotation to another key than the manifest has",
    files: keyLedger([keyEvent("KeyRotation", rotation({ newPublicKey: pemOf("other") }))], ...rotated),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a rotation to a key id the manifest does not have",
    files: keyLedger([keyEvent("KeyRotation", rotation({ newKeyId: "acme-widget-9" }))], ...rotated),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a rotation without its time",
    files: keyLedger([
      keyEvent("KeyRotation", { action: "rotate", retiringKeyId: "a", newKeyId: "b", newPublicKey: pemOf("b") }),
    ]),
    codes: ["KEY_EVENT_INCOMPLETE"],
  },
  {
    name: "a rotation that says revoke",
    files: keyLedger([keyEvent("KeyRotation", rotation({ action: "revoke" }))], ...rotated),
    codes: ["KEY_EVENT_INCOMPLETE"],
  },
  {
    name: "a revocation by another key of the node",
    files: keyLedger([keyEvent("KeyRevocation", revocation(), "second key", "acme-widget-2")], retired),
    codes: [],
  },
  {
    name: "a revocation by a node of the policy",
    files: keyLedger([keyEvent("KeyRevocation", revocation(), "rules/keeper")], retired),
    codes: [],
  },
  {
    name: "a key that revokes itself",
    files: keyLedger([keyEvent("KeyRevocation", revocation())], retired),
    codes: ["KEY_EVENT_SIGNER"],
  },
  {
    name: "a revocation that the manifest does not show",
    files: keyLedger([keyEvent("KeyRevocation", revocation(), "rules/keeper")]),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a revocation of no key",
    files: keyLedger([keyEvent("KeyRevocation", revocation({ revokedKeyId: "x-1" }), "rules/keeper")]),
    codes: ["KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "a compromise without its date",
    files: keyLedger([keyEvent("KeyRevocation", revocation({ reason: "compromise" }), "rules/keeper")], compromised),
    codes: ["KEY_COMPROMISED", "KEY_EVENT_INCOMPLETE"],
  },
  {
    name: "a compromise",
    files: keyLedger(
      [
        keyEvent(
          "KeyRevocation",
          revocation({ reason: "compromise", invalidAfter: "2026-03-01T00:00:00Z" }),
          "rules/keeper",
        ),
      ],
      compromised,
    ),
    codes: ["KEY_COMPROMISED"],
  },
  {
    name: "a retirement that was a compromise after all",
    files: keyLedger(
      [
        keyEvent("KeyRevocation", revocation(), "rules/keeper"),
        keyEvent(
          "KeyRevocation",
          revocation({ reason: "compromise", invalidAfter: "2026-03-01T00:00:00Z" }),
          "rules/keeper",
        ),
      ],
      compromised,
    ),
    codes: ["KEY_COMPROMISED"],
  },
  {
    name: "a compromise with another date in the manifest",
    files: keyLedger(
      [
        keyEvent(
          "KeyRevocation",
          revocation({ reason: "compromise", invalidAfter: "2026-02-01T00:00:00Z" }),
          "rules/keeper",
        ),
      ],
      compromised,
    ),
    codes: ["KEY_COMPROMISED", "KEY_EVENT_NOT_IN_MANIFEST"],
  },
  {
    name: "the same revocation twice",
    files: keyLedger(
      [
        keyEvent("KeyRevocation", revocation(), "rules/keeper"),
        keyEvent("KeyRevocation", revocation(), "rules/keeper", undefined, "2026-03-10T00:00:00Z"),
      ],
      retired,
    ),
    codes: ["EVENT_DUPLICATE"],
  },
];
