import { type Json, nativeEvent, releasePayload, signAgain, withEvents } from "../support/build-ledger.ts";
import { appended, type Case, event, key, march, payload, release } from "./hostile-case.ts";

export const payloads: readonly Case[] = [
  {
    name: "a release without artifacts",
    alter: payload(0, (old) => ({ ...old, artifacts: [] })),
    code: "PAYLOAD_INVALID",
    file: march,
    line: 2,
    index: 0,
    with: ["TARGET_EVENT_UNKNOWN"],
  },
  {
    name: "a short commit",
    alter: payload(0, (old) => ({ ...old, commit: "c0ffee1" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 0,
    with: ["TARGET_EVENT_UNKNOWN"],
  },
  {
    name: "one artifact name twice",
    alter: payload(0, (old) => ({ ...old, artifacts: [old["artifacts"], old["artifacts"]].flat() as Json[] })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 0,
    with: ["TARGET_EVENT_UNKNOWN"],
  },
  {
    name: "a member the type does not have",
    alter: payload(2, (old) => ({ ...old, mood: "bad" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 2,
  },
  {
    name: "a severity nobody knows",
    alter: payload(2, (old) => ({ ...old, severity: "awful" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 2,
  },
  {
    name: "a score above 100",
    alter: payload(3, (old) => ({ ...old, compositeScore: 101 })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 3,
  },
  {
    name: "a check twice",
    alter: payload(3, (old) => ({
      ...old,
      verifierResults: [old["verifierResults"], old["verifierResults"]].flat() as Json[],
    })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 3,
  },
  {
    name: "a fix that is not available and has a version",
    alter: event("2026-02.json", 1, (old) =>
      signAgain({ ...old, payload: { ...(old["payload"] as Json), fixAvailable: false } }),
    ),
    code: "PAYLOAD_INVALID",
    file: "2026-02.json",
    index: 1,
  },
  {
    name: "a version that comes before the earlier one",
    alter: payload(1, (old) => ({ ...old, toVersion: "1.0.0-rc.1" })),
    code: "VERSION_PAIR_NOT_ASCENDING",
    file: march,
    index: 1,
  },
  {
    name: "a breaking change that breaks nothing",
    alter: payload(1, (old) => ({ ...old, interfaceDiff: { added: [], removed: [], changed: [] } })),
    code: "PAYLOAD_DOUBTFUL",
    file: march,
    index: 1,
  },
  {
    name: "an attestation of nothing",
    alter: payload(3, (old) => ({ ...old, targetEventId: "00".repeat(32) })),
    code: "TARGET_EVENT_UNKNOWN",
    file: march,
    index: 3,
  },
  {
    name: "an attestation before its target",
    alter: (files) => withEvents(files, march, (events) => [events[3] ?? {}, ...events.slice(0, 3), events[4] ?? {}]),
    code: "TARGET_EVENT_UNKNOWN",
    file: march,
    index: 0,
  },
  {
    name: "a release that is no Semantic Version",
    alter: appended(release("v3", "2026-03-10T10:00:00Z")),
    code: "VERSION_NOT_SEMVER",
    file: march,
    index: 5,
  },
  {
    name: "a violation of a repository nobody registered",
    alter: payload(4, (old) => ({ ...old, repo: "acme/ghost" })),
    code: "REPO_NOT_REGISTERED",
    file: march,
    index: 4,
  },
];

export const speakers: readonly Case[] = [
  {
    name: "a node nobody registered",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/ghost")),
    code: "SIGNER_NOT_REGISTERED",
    file: march,
    index: 5,
    with: ["EVENT_REPO_NOT_OWN"],
  },
  {
    name: "the release of another repository",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/gadget")),
    code: "EVENT_REPO_NOT_OWN",
    file: march,
    index: 5,
  },
  {
    name: "a release by an oracle",
    alter: appended(
      nativeEvent("ReleasePublished", "watch/tower", "2026-03-10T10:00:00Z", releasePayload("watch/tower", "1.0.0")),
    ),
    code: "EVENT_KIND_NOT_ALLOWED",
    file: march,
    index: 5,
  },
  {
    name: "signed by another node's key",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/widget", "acme/gadget")),
    code: "SIGNATURE_INVALID",
    file: march,
    line: 7,
    index: 5,
  },
  {
    name: "an event twice in a month",
    alter: (files) => withEvents(files, march, (events) => [...events, events[2] ?? {}]),
    code: "EVENT_DUPLICATE_ID",
    file: march,
    index: 5,
  },
  {
    name: "an event twice in two months",
    alter: (files) =>
      appended(release("3.0.0", "2026-03-10T10:00:00Z"))(
        withEvents(files, "2026-02.json", (events) => [...events, release("3.0.0", "2026-03-10T10:00:00Z")]),
      ),
    code: "EVENT_DUPLICATE_ID",
    file: march,
    index: 5,
    with: ["EVENT_WRONG_MONTH"],
  },
  {
    name: "a version released twice",
    alter: appended(release("1.0.0", "2026-03-10T10:00:00Z")),
    code: "RELEASE_DUPLICATE",
    file: march,
    index: 5,
  },
  {
    name: "a version released twice, with a carriage return behind every event",
    alter: (files) => {
      const twice = appended(release("1.0.0", "2026-03-10T10:00:00Z"))(files);
      return { ...twice, [march]: twice[march]?.replaceAll("}\n", "}\r\n") ?? "" };
    },
    code: "RELEASE_DUPLICATE",
    file: march,
    index: 5,
  },
  {
    name: "an event of another month",
    alter: appended(release("3.0.0", "2026-02-10T10:00:00Z")),
    code: "EVENT_WRONG_MONTH",
    file: march,
    index: 5,
  },
  {
    name: "an event of tomorrow",
    alter: appended(release("3.0.0", "2026-03-21T12:00:00Z")),
    code: "EVENT_FROM_FUTURE",
    file: march,
    index: 5,
  },
  {
    name: "a key that was not valid yet",
    alter: key((key) => void (key["validFrom"] = "2026-02-01T00:00:00Z")),
    code: "KEY_NOT_VALID",
    file: "2026-01.json",
    index: 0,
  },
  {
    name: "a key that had expired",
    alter: key((key) => void (key["validUntil"] = "2026-02-01T00:00:00Z")),
    code: "KEY_NOT_VALID",
    file: march,
    index: 0,
  },
  {
    name: "a key that was revoked",
    alter: key((key) => Object.assign(key, { revokedAt: "2026-02-01T00:00:00Z", revocationReason: "retirement" })),
    code: "KEY_NOT_VALID",
    file: march,
    index: 0,
  },
  {
    name: "a key declared compromised later",
    alter: key((key) =>
      Object.assign(key, {
        revokedAt: "2026-03-10T00:00:00Z",
        revocationReason: "compromise",
        invalidAfter: "2026-02-01T00:00:00Z",
      }),
    ),
    code: "KEY_COMPROMISED",
    file: march,
    index: 0,
  },
];
