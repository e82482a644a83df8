import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { buildPage } from "../../scripts/build-page.ts";
import { SettlementError } from "../../src/core/error.ts";
import { webPageRoutes } from "../../src/http/web-page.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

let page: string;
beforeAll(async () => {
  page = await buildPage();
});

function elements(name: string): readonly string[] {
  return Array.from(page.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs")), ([, text = ""]) => text);
}

function policy(): ReadonlyMap<string, string> {
  const [, content = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  return new Map(content.split("; ").map((rule) => [rule.split(" ")[0] ?? "", rule.split(" ").slice(1).join(" ")]));
}

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

describe("the built page", () => {
  test("is the same each time", async () => {
    expect(await buildPage()).toBe(page);
  });

  test("allows its one script and its one style by their hashes, and no other code", () => {
    const [script, ...scripts] = elements("script");
    const [style, ...styles] = elements("style");
    expect([scripts, styles]).toEqual([[], []]);
    expect(Object.fromEntries(policy())).toEqual({
      "default-src": "'none'",
      "script-src": hashSource(script ?? ""),
      "style-src": hashSource(style ?? ""),
      "img-src": "data:",
      "connect-src": "'self'",
      "worker-src": "blob:",
      "base-uri": "'none'",
      "form-action": "'none'",
    });
  });

  test("has no attribute that the policy would refuse, and names nothing outside", () => {
    const [html = ""] = page.split("<script>");
    const outside = html.replace(/<style>.*<\/style>/s, "");
    expect(outside).not.toMatch(/\s(?:style|on\w+)=/);
    const named = Array.from(outside.matchAll(/\s(?:src|href|action)="([^"]*)"/g), ([, value]) => value);
    expect(named.filter((value) => !/^(?:#main|data:image\/svg\+xml,.*|)$/.test(value ?? ""))).toEqual([]);
    expect(elements("style").join()).not.toMatch(/url\(|@import/);
  });

  test("never makes HTML or code of a text", () => {
    const [script = ""] = elements("script");
    expect(script.length).toBeGreaterThan(50_000);
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML/);
    expect(script).not.toMatch(
      /localStorage|sessionStorage|indexedDB|document\.cookie|XMLHttpRequest|WebSocket|sendBeacon/,
    );
    expect(script.match(/\bfetch\(/g)).toHaveLength(1);
  });

  test("is small: its first load is all there is", () => {
    expect(gzipSync(page, { level: 9 }).length).toBeLessThan(100_000);
  });
});

describe("the route of the page", () => {
  test("serves the page with its own policy, and lets nobody put it in a frame", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "verify.html"), page);
    const [route] = webPageRoutes(folder);
    const answer = await route?.answer({ path: () => "", query: () => undefined, body: new Uint8Array(), actor: "" });
    expect(route?.path).toBe("/verify");
    expect(answer?.type).toBe("text/html; charset=utf-8");
    expect(new TextDecoder().decode(answer?.body)).toBe(page);
    const rules = Array.from(policy(), ([name, value]) => `${name} ${value}`);
    expect(answer?.headers?.["Content-Security-Policy"]).toBe([...rules, "frame-ancestors 'none'"].join("; "));
  });

  test("says how to build a page that is not there", () => {
    const [route] = webPageRoutes(temporaryFolder());
    const input = { path: () => "", query: () => undefined, body: new Uint8Array(), actor: "" };
    expect(() => route?.answer(input)).toThrow(SettlementError);
    expect(() => route?.answer(input)).toThrow(/npm run build/);
  });
});
