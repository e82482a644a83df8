import { toBase64, toHex, utf8 } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import { type EventContent, eventIdBytes, type NativeEvent } from "../../src/core/event.ts";
import type { EventType } from "../../src/core/event-types.ts";
import { sha256 } from "../../src/core/hash.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { formatTimestamp, parseTimestamp } from "../../src/core/time.ts";
import { sampleSeed } from "./keys.ts";
import { rebuilder, scanner, signingKeyId } from "./nodes.ts";
import { releaseFiles } from "./repositories.ts";

type Result = "pass" | "warn" | "fail" | "unscored";

const checksOf = {
  [rebuilder]: ["signature.chain", "provenance.present", "sbom.present", "repro.build"],
  [scanner]: ["license.audit", "security.scan"],
} as const;

type Attestor = keyof typeof checksOf;

/** What a verifier says beside a plain pass: the result and why. */
type Remarks = Readonly<
  Partial<Record<(typeof checksOf)[Attestor][number], readonly [result: Result, detail: string]>>
>;

interface Release {
  readonly repo: keyof typeof releaseFiles;
  readonly version: string;
  readonly at: string;
  readonly profile?: "baseline" | "open-source" | "regulated";
  /** Key id of the maintainer who signs, where several may. */
  readonly by?: string;
  readonly hasSbom?: boolean;
  readonly remarks?: Remarks;
  readonly extensions?: JsonObject;
}

/** Writes down what happens in the network, in any order. */
export interface Chronicle {
  /** Signs one event by the key that the node has at that time. */
  say(type: EventType, nodeId: string, timestamp: string, payload: JsonObject): NativeEvent;
  /** A release, and what both attestors find out about it within two hours. */
  release(release: Release): NativeEvent;
  /** One attestor on an event; checks without a remark pass. */
  attest(attestor: Attestor, target: NativeEvent, at: string, remarks?: Remarks): NativeEvent;
  /** A release of an earlier day. */
  released(repo: string, version: string): NativeEvent;
  /** All that was said, by time. */
  events(): readonly NativeEvent[];
}

const noSbom = { "sbom.present": ["fail", "the release has no bill of materials"] } as const;

const scoreOf: Readonly<Record<Result, number>> = { pass: 100, warn: 50, fail: 0, unscored: 0 };

/** A digest of bytes that nobody has: SHA-256 of what the bytes would be called. */
function madeUpDigest(...words: readonly string[]): Uint8Array {
  return sha256(utf8(`repomesh-settlement sample: ${words.join(" ")}`));
}

/** Mean of the results that count, to one decimal. */
function compositeScore(results: readonly Result[]): number {
  const scored = results.filter((result) => result !== "unscored");
  const sum = scored.reduce((total, result) => total + scoreOf[result], 0);
  return scored.length === 0 ? 0 : Math.round((10 * sum) / scored.length) / 10;
}

/** Some minutes later, to the millisecond. How many follows from the event: they differ, and are the same at each run. */
function later({ id, timestamp }: NativeEvent, fromMinutes: number, toMinutes: number, what: string): string {
  const [a = 0, b = 0, c = 0] = madeUpDigest("delay", what, id);
  const share = (a * 65_536 + b * 256 + c) / 2 ** 24;
  return formatTimestamp(
    parseTimestamp(timestamp) + Math.floor(60_000 * (fromMinutes + share * (toMinutes - fromMinutes))),
  );
}

function artifactsOf({ repo, version, hasSbom = true }: Release): JsonObject[] {
  const [org = "", name = ""] = repo.split("/");
  return releaseFiles[repo]
    .filter((file) => hasSbom || !file.endsWith(".sbom.json"))
    .map((file) => file.replace("%", version))
    .map((file) => ({
      name: file,
      sha256: toHex(madeUpDigest("artifact", repo, version, file)),
      uri: `https://${org}.example/releases/${name}/${version}/${file}`,
    }));
}

export function openChronicle(): Chronicle {
  const said: NativeEvent[] = [];
  const releases = new Map<string, NativeEvent>();

  const sign = (content: EventContent, keyName?: string): NativeEvent => {
    const { nodeId, timestamp } = content;
    const bytes = eventIdBytes(content);
    const seed = sampleSeed(nodeId, signingKeyId(nodeId, timestamp, keyName));
    const event = { id: toHex(bytes), ...content, signature: toBase64(signEd25519(seed, bytes)) };
    said.push(event);
    return event;
  };

  const attest: Chronicle["attest"] = (attestor, target, at, remarks = {}) => {
    const results = checksOf[attestor].map((check) => {
      const [result, detail] = remarks[check] ?? (["pass", undefined] as const);
      return { check, result, ...(detail === undefined ? {} : { detail }) };
    });
    const [org = ""] = attestor.split("/");
    return sign({
      type: "AttestationPublished",
      nodeId: attestor,
      timestamp: at,
      payload: {
        targetEventId: target.id,
        verifierResults: results.map(({ check, ...rest }) => ({
          check,
          ...rest,
          uri: `https://${org}.example/reports/${at.slice(0, 10)}/${target.id.slice(0, 16)}/${check}.json`,
          sha256: toHex(madeUpDigest("report", attestor, at, check, target.id)),
        })),
        compositeScore: compositeScore(results.map(({ result }) => result)),
      },
    });
  };

  return {
    say: (type, nodeId, timestamp, payload) => sign({ type, nodeId, timestamp, payload }),
    attest,
    release(release) {
      const { repo, version, at, profile = "open-source", by, extensions, hasSbom = true } = release;
      const remarks = { ...release.remarks, ...(hasSbom ? {} : noSbom) };
      const payload = {
        repo,
        version,
        commit: toHex(madeUpDigest("commit", repo, version).subarray(0, 20)),
        artifacts: artifactsOf(release),
        profile,
        ...(extensions === undefined ? {} : { extensions }),
      };
      const event = sign({ type: "ReleasePublished", nodeId: repo, timestamp: at, payload }, by);
      attest(scanner, event, later(event, 3, 15, scanner), remarks);
      attest(rebuilder, event, later(event, 20, 110, rebuilder), remarks);
      releases.set(`${repo}@${version}`, event);
      return event;
    },
    released(repo, version) {
      const event = releases.get(`${repo}@${version}`);
      if (!event) throw new RangeError(`${repo} ${version} is not released yet`);
      return event;
    },
    events: () => said.toSorted((a, b) => parseTimestamp(a.timestamp) - parseTimestamp(b.timestamp)),
  };
}
