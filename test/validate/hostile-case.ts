import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { Report } from "../../src/validate/finding.ts";
import { factsOf, type FindingCode } from "../../src/validate/finding-codes.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import {
  type Files,
  type Json,
  monthlyFiles,
  nativeEvent,
  nowUnixMs,
  releasePayload,
  signAgain,
  withEvents,
  withJson,
} from "../support/build-ledger.ts";

export type Tree = Parameters<typeof memoryTree>[0];

/** One alteration of the good monthly ledger, and what is found. */
export interface Case {
  readonly name: string;
  readonly alter: (files: Files) => Tree;
  /** The finding that must be there. */
  readonly code: FindingCode;
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
  /** Codes that come with it, because one fault can have several sides. */
  readonly with?: readonly string[];
}

export function validate(tree: Tree): Promise<Report> {
  return validateBothWays(memoryTree(tree), { nowUnixMs, verify: nodeVerify });
}

export const march = "2026-03.json";
export const widget = "nodes/acme/widget/node.json";

/** One event of a file replaced. */
export const event =
  (path: string, index: number, change: (event: Json) => Json) =>
  (files: Files): Files =>
    withEvents(files, path, (events) => events.map((each, at) => (at === index ? change(each) : each)));

/** One event of March with another payload, signed again. */
export const payload = (index: number, change: (payload: Json) => JsonObject): ((files: Files) => Files) =>
  event(march, index, (old) => signAgain({ ...old, payload: change(old["payload"] as Json) }));

export const appended =
  (...more: readonly JsonObject[]) =>
  (files: Files): Files =>
    withEvents(files, march, (events) => [...events, ...more]);

export const text =
  (path: string, change: (text: string) => string) =>
  (files: Files): Files => ({ ...files, [path]: change(files[path] ?? "") });

export const json =
  (path: string, change: (value: Json) => JsonValue | void) =>
  (files: Files): Files =>
    withJson(files, path, change);

export const key =
  (change: (key: Json) => void) =>
  (files: Files): Files =>
    withJson(files, widget, (node) => {
      change((node["maintainers"] as Json[])[0] ?? {});
    });

export const release = (version: string, timestamp: string, node = "acme/widget", signer = node): Json =>
  nativeEvent("ReleasePublished", node, timestamp, releasePayload("acme/widget", version), signer);

/** Each case finds what it says and blames nothing else but events that hang on the bad one. */
export function testCases(cases: readonly Case[]): void {
  test.for([...cases])("$name: $code", async ({ alter, code, file, line, index, with: others = [] }) => {
    const { findings, valid } = await validate(alter(monthlyFiles()));
    const place = { ...(line === undefined ? {} : { line }), ...(index === undefined ? {} : { index }) };
    expect(findings).toContainEqual(expect.objectContaining({ code, file, ...place }));
    const expected = [code, ...others, "TARGET_EVENT_UNKNOWN"];
    expect(findings.filter((each) => !expected.includes(each.code))).toEqual([]);
    expect(valid).toBe(findings.every((each) => factsOf(each.code).severity === "warning"));
  });
}
