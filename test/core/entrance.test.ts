import { expect, test } from "vitest";
import { entranceUrl, isEntrance } from "../../src/core/entrance.ts";

test.for<[string, string | undefined]>([
  ["https://ledger.example.org", "https://ledger.example.org/v1/events"],
  ["https://ledger.example.org:8443/net/", "https://ledger.example.org:8443/net/v1/events"],
  ["https://ledger.example.org/v1/events", "https://ledger.example.org/v1/events"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/events"],
  ["http://localhost:1", "http://localhost:1/v1/events"],
  ["http://[::1]:1/", "http://[::1]:1/v1/events"],
  ["http://2130706433/", "http://127.0.0.1/v1/events"],
  ["http://example.org", undefined],
  ["http://127.0.0.1.example.org", undefined],
  ["http://localhost.example.org", undefined],
  ["http://0.0.0.0", undefined],
  ["https://user@example.org", undefined],
  ["https://example.org/?a", undefined],
  ["https://example.org/#a", undefined],
  ["https://example.org/ ", undefined],
  ["file:///etc/passwd", undefined],
  ["ledger.example.org", undefined],
  ["", undefined],
])("%s", ([text, url]) => {
  expect(isEntrance(text)).toBe(url !== undefined);
  if (url !== undefined) expect(entranceUrl(text, "events")).toBe(url);
});
