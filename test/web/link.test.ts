import { describe, expect, test } from "vitest";
import { fromBase64url, isGzip, parseLink, urlOnServer } from "../../src/web/link.ts";

describe("the address of the page", () => {
  test.for([
    { address: "", expected: { kind: "none" } },
    { address: "#main", expected: { kind: "none" } },
    { address: "#proof=e30", expected: { kind: "inline", text: "e30" } },
    { address: "#/v1/events/1/proof", expected: { kind: "path", path: "/v1/events/1/proof" } },
    { address: "?src=/v1/proof", expected: { kind: "path", path: "/v1/proof" } },
    { address: "?other=/v1/proof", expected: { kind: "none" } },
    { address: "?src=/v1/a#/v1/b", expected: { kind: "path", path: "/v1/b" } },
  ])("$address", ({ address, expected }) => {
    expect(parseLink(new URL(`https://ledger.example/verify${address}`))).toEqual(expected);
  });
});

describe("a path of the server", () => {
  test.for([
    ["/v1/events/1/proof", "https://ledger.example/v1/events/1/proof"],
    ["/v1/../v1/x?spelling=bundle", "https://ledger.example/v1/x?spelling=bundle"],
  ] as const)("%s is %s", ([path, url]) => {
    expect(urlOnServer(path, "https://ledger.example/verify").href).toBe(url);
  });

  test.for([
    "//evil.example/proof",
    "/\\evil.example/proof",
    "/\t/evil.example/proof",
    "https://evil.example/proof",
    "javascript:alert(1)",
    "v1/proof",
    "",
  ])("%j is refused", (path) => {
    expect(() => urlOnServer(path, "https://ledger.example/verify")).toThrow(
      expect.objectContaining({ code: "PROOF_UNREADABLE" }),
    );
  });

  test("is of no use to a page that was saved", () => {
    expect(() => urlOnServer("/v1/proof", "file:///home/ada/verify.html")).toThrow(/saved file/);
  });
});

describe("the proof in a link", () => {
  test.for([
    ["", []],
    ["-_8", [0xfb, 0xff]],
    ["H4sI", [0x1f, 0x8b, 0x08]],
  ] as const)("%j", ([text, bytes]) => {
    expect([...fromBase64url(text)]).toEqual(bytes);
  });

  test.for(["a", "a b", "a+b=", "-_9", "é"])("%j is refused", (text) => {
    expect(() => fromBase64url(text)).toThrow(expect.objectContaining({ code: "PROOF_UNREADABLE" }));
  });

  test("is unpacked where it is gzip, which JSON never looks like", () => {
    expect(isGzip(fromBase64url("H4sI"))).toBe(true);
    const starts = Array.from('{["-0123456789tfn \t\r\n', (first) => new TextEncoder().encode(first + first));
    expect(starts.some(isGzip)).toBe(false);
  });
});
