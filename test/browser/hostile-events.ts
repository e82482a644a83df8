import type { Page } from "playwright-core";
import { expect } from "vitest";
import { toBase64, toHex } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import { eventIdBytes } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { throwawaySeed } from "../http/sample-ledger.ts";
import { layoutFaults } from "./console.ts";

export const script = `</script><img src=x onerror="document.title='taken'"><script>window.taken = true</script>`;
export const turned = "safe\u202Egpj.exe\u2066\u200B\u0000\u2028";
export const long = "ab".repeat(500_000);
function hostileEvent(payload: JsonObject): JsonObject & { readonly id: string } {
  const content = {
    type: "HealthCheckFailed",
    nodeId: "acme/watch",
    timestamp: "2026-03-03T00:00:00Z",
    payload,
  } as const;
  const id = eventIdBytes(content);
  const signature = toBase64(signEd25519(throwawaySeed("acme/watch"), id));
  return { id: toHex(id), ...content, signature };
}

/** Events of strangers, signed as they should be, of March 2026. */
export const hostileEvents = {
  script: hostileEvent({ repo: "acme/watch", version: script, details: script }),
  turned: hostileEvent({ repo: "acme/watch", version: turned, [turned]: turned }),
  long: hostileEvent({ repo: "acme/watch", version: long, details: long }),
  odd: hostileEvent(
    JSON.parse(
      '{"repo":"../../etc","version":"javascript:alert(1)","__proto__":{"a":1},"constructor":7}',
    ) as JsonObject,
  ),
};

/** Nothing of what strangers wrote did anything, or hides. */
export async function isHarmless(page: Page): Promise<void> {
  const taken = `window.taken === true || document.title.includes("taken")`;
  expect(await page.evaluate(`${taken} || document.querySelector("main img, main script") !== null`)).toBe(false);
  const shown = (await page.locator("body").textContent()) ?? "";
  expect(shown).not.toMatch(/[\u202E\u2066\u200B\u2028]/u);
  expect(await layoutFaults(page)).toEqual([]);
}
