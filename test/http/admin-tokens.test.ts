import { describe, expect, test } from "vitest";
import { actorOf, parseAdminTokens } from "../../src/http/admin-tokens.ts";

const alice = "alice-0123456789abcdefghijklmnopqrstuv";
const bob = "bob-0123456789abcdefghijklmnopqrstuvwx";
const tokens = parseAdminTokens(`# who may act\n\nalice ${alice}\r\n  bob\t${bob}  \nalice ${alice}new\n#carol x\n`);

test("a file of tokens is read; none of them is kept", () => {
  expect(tokens.map(({ name }) => name)).toEqual(["alice", "bob", "alice"]);
  expect(JSON.stringify(tokens)).not.toContain("0123456789abc");
});

test.for<readonly [authorization: string | undefined, actor: string | undefined]>([
  [`Bearer ${alice}`, "alice"],
  [`Bearer ${alice}new`, "alice"],
  [`bearer  ${bob} `, "bob"],
  [undefined, undefined],
  ["", undefined],
  ["Bearer", undefined],
  ["Bearer ", undefined],
  [alice, undefined],
  [`Basic ${alice}`, undefined],
  [`Bearer ${alice.slice(0, -1)}`, undefined],
  [`Bearer ${alice}x`, undefined],
  [`Bearer ${alice.toUpperCase()}`, undefined],
  [`Bearer ${alice} ${bob}`, undefined],
  [`Bearer alice`, undefined],
])("%j is of %s", ([authorization, actor]) => expect(actorOf(authorization, tokens)).toBe(actor));

describe("refused by its line, without what stands there", () => {
  test.for<readonly [what: string, text: string, message: RegExp]>([
    [
      "a short token",
      `x\n`.replace("x", `alice ${alice}\nbob short-s3cret`),
      /line 2 has a token of 12 characters; at least 32/,
    ],
    ["a token alone", `${alice}s3cret`, /line 1 must be a name and a token/],
    ["three words", `alice ${alice} s3cret`, /line 1 must be a name and a token/],
    ["a name that is none", `al!ce ${alice}s3cret`, /line 1 has a name of other characters/],
    ["name and token swapped", `${"s3cret".repeat(12)} alice`, /line 1 has a name of other characters/],
    ["a token for no header", `alice ${alice},s3cret`, /line 1 has a token that no Authorization header/],
    ["a token without end", `alice ${"s3cret".repeat(100)}`, /line 1 has a token of more than 512/],
    ["one token under two names", `alice ${alice}\n\nbob ${alice}`, /line 3 has the token of line 1/],
    ["nothing but comments", "# alice s3cret\n", /holds no token/],
    ["nothing", "", /holds no token/],
  ])("%s", ([, text, message]) => {
    const refused = (): unknown => parseAdminTokens(text);
    expect(refused).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(refused).toThrowError(message);
    expect(refused).not.toThrowError(/s3cret|0123456789abc/);
  });
});
