import { describe, expect, test } from "vitest";
import { gitRemote, shownAddress } from "../../src/adapters/git-remote.ts";
import { failure } from "../support/temporary-folder.ts";

const options = { user: "x-access-token", timeoutMs: 1000 };

describe("an address of a repository", () => {
  test.for([
    ["https://example.org/net.git", "https://example.org/net.git"],
    ["https://ada:hunter2@example.org/net.git", "https://example.org/net.git"],
    ["https://example.org/net.git?token=hunter2#x", "https://example.org/net.git"],
    ["ssh://git@example.org:2222/net.git", "ssh://example.org:2222/net.git"],
    ["git://example.org/net.git", "git://example.org/net.git"],
    ["file:///srv/net.git", "file:///srv/net.git"],
    ["git@example.org:net/ledger.git", "git@example.org:net/ledger.git"],
    ["/srv/net.git", "/srv/net.git"],
  ] as const)("%s is taken, and shown as %s", ([given, shown]) => {
    const remote = gitRemote(given, options);
    expect(remote.shown).toBe(shown);
    expect(Object.values(remote.env)).toContain(given);
    expect(remote.redact(`fatal: unable to access '${given}/': hunter2`)).not.toContain("ada:hunter2");
  });

  test.for([
    "http://example.org/net.git",
    "ext::sh -c x",
    "fd::17",
    "transport::address",
    "-u/x",
    "--upload-pack=/x",
    "-oProxyCommand=x@host:net",
    "git@-oProxyCommand=x:net",
    "git@host:-x",
    "https://exa mple.org/",
    "https://example.org/\nnet",
    "origin",
    "",
  ])("%j is refused", async (given) => {
    const error = await failure(new Promise((resolve) => resolve(gitRemote(given, options))));
    expect(error?.code).toBe("GIT_REMOTE_MALFORMED");
  });
});

describe("a token", () => {
  const token = "ghs_0123456789abcdef";

  test("is a header for the host alone, without redirects, and taken out of what git says", () => {
    const remote = gitRemote("https://example.org:8443/net.git", { ...options, token });
    const header = Buffer.from(`x-access-token:${token}`).toString("base64");
    expect(Object.values(remote.env)).toEqual(
      expect.arrayContaining([
        "http.https://example.org:8443/.extraHeader",
        `Authorization: Basic ${header}`,
        "http.followRedirects",
        "false",
      ]),
    );
    expect(remote.redact(`remote: ${token}, ${header}`)).toBe("remote: [secret], [secret]");
  });

  test.for(["ssh://git@example.org/net.git", "git://example.org/net.git", "file:///srv/net.git", "/srv/net.git"])(
    "goes nowhere with %s",
    async (given) => {
      const error = await failure(new Promise((resolve) => resolve(gitRemote(given, { ...options, token }))));
      expect(error?.code).toBe("GIT_REMOTE_MALFORMED");
      expect(error?.message).not.toContain(token);
    },
  );
});

test("an address that is none is shown without what may be secret", () => {
  expect(shownAddress("http://ada:hunter2@example.org/x?y=z")).toBe("http://example.org/x");
});
