import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { buildConsole, buildCopyConsole } from "../../scripts/build-page.ts";
import { webPageRoutes } from "../../src/http/web-page.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function elementsIn(page: string, name: string): readonly string[] {
  return Array.from(page.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs")), ([, text = ""]) => text);
}

function hashSource(text = ""): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

describe.each([
  ["the console", buildConsole],
  ["the console over files", buildCopyConsole],
])("%s", (_, build) => {
  let page: string;
  beforeAll(async () => {
    page = await build();
  });
  const elements = (name: string): readonly string[] => elementsIn(page, name);

  test("is the same each time, and small: its first load is all there is", async () => {
    expect(await build()).toBe(page);
    expect(gzipSync(page, { level: 9 }).length).toBeLessThan(150_000);
  });

  test("allows its one script and its one style by their hashes, and no other code", () => {
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashSource(elements("script")[0])}`,
      `style-src ${hashSource(elements("style")[0])}`,
      "img-src data:",
      "connect-src 'self'",
      "worker-src blob:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect([elements("script").length, elements("style").length]).toEqual([1, 1]);
  });

  test("names nothing outside, never makes HTML or code of a text, and keeps nothing", () => {
    const outside = page.replace(/<style>.*<\/style>/s, "").replace(/<script>.*<\/script>/s, "");
    expect(outside).not.toMatch(/\s(?:style|on\w+)=/);
    expect(
      Array.from(outside.matchAll(/\s(?:src|href|action)="([a-z]+:[^"]*)"/g)).filter(
        ([, url]) => !url?.startsWith("data:image/svg"),
      ),
    ).toEqual([]);
    const [script = ""] = elements("script");
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML/);
    expect(script).not.toMatch(
      /localStorage|sessionStorage|indexedDB|document\.cookie|XMLHttpRequest|WebSocket|sendBeacon/,
    );
  });
});

test("the console over files has nothing of an operator's, and no address that only a node has", async () => {
  const page = await buildCopyConsole();
  const found = /id="nav-operator"|v1\/admin|Forget the token|EventSource|\/v1 too|href="verify"/.exec(page);
  expect(found?.[0]).toBeUndefined();
  expect(elementsIn(page, "script")).toHaveLength(1);
});

test("the server gives it out at / with its own policy, and lets nobody put it in a frame", async () => {
  const page = await buildConsole();
  const folder = temporaryFolder();
  writeFileSync(join(folder, "console.html"), page);
  const route = webPageRoutes(folder).find(({ path }) => path === "/");
  const answer = await route?.answer({ path: () => "", query: () => undefined, body: new Uint8Array(), actor: "" });
  expect(new TextDecoder().decode(answer?.body)).toBe(page);
  expect(answer?.headers?.["Content-Security-Policy"]).toMatch(/^default-src 'none'; .*; frame-ancestors 'none'$/);
});
