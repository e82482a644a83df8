import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { parseWebhooks, readWebhooks } from "../src/compose-webhooks.ts";
import { readConfig } from "../src/config.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const other = `whsec_${Buffer.alloc(24, 8).toString("base64")}`;
const url = "https://hooks.example.org/services/T0KEN";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test("webhooks are read, and named without what may be a secret", () => {
  const [one, two] = parseWebhooks(
    JSON.stringify([
      { url, secret },
      { url: "http://localhost:9/x", secret: `${secret} ${other}`, types: ["partition.failed"] },
    ]),
  );
  expect(one).toEqual({
    name: expect.stringMatching(/^hooks\.example\.org [0-9a-f]{8}$/) as string,
    url,
    secrets: [secret],
    types: ["partition.closed", "partition.anchored", "partition.proven", "partition.failed"],
  });
  expect(two).toMatchObject({ secrets: [secret, other], types: ["partition.failed"] });
});

test("the name of a webhook outlives its secret, and differs from its neighbour's", () => {
  const named = (each: object): string => parseWebhooks(JSON.stringify([each]))[0]?.name ?? "";
  expect(named({ url, secret: other })).toBe(named({ url, secret }));
  expect(named({ url: `${url}2`, secret })).not.toBe(named({ url, secret }));
});

test.for<readonly [what: string, text: string, message: RegExp]>([
  ["no JSON", `[{"url":"${url}" "secret":"${secret}"}]`, /not JSON \(JSON_MALFORMED, JSON line 1, column \d+\)$/],
  ["a member twice", `[{"secret":"${secret}","secret":"${secret}"}]`, /not JSON \(JSON_DUPLICATE_KEY/],
  ["no list", `{"url":"${url}"}`, /a JSON list/],
  ["no object", `["${secret}"]`, /webhook 1: a JSON object/],
  ["an unknown member", `[{"url":"${url}","secret":"${secret}","${secret}":1}]`, /webhook 1: the only members/],
  ["no url", `[{"secret":"${secret}"}]`, /webhook 1: member "url" is missing/],
  ["a url without TLS", `[{"url":"http://hooks.example.org/T0KEN","secret":"${secret}"}]`, /must be an https/],
  ["credentials", `[{"url":"https://u:T0KEN@x.example","secret":"${secret}"}]`, /without credentials/],
  ["no secret", `[{"url":"${url}","secret":""}]`, /member "secret" must be whsec_/],
  ["another secret", `[{"url":"${url}","secret":"hunter2hunter2hunter2hunter2hunter2"}]`, /member "secret"/],
  ["a short secret", `[{"url":"${url}","secret":"whsec_aHVudGVyMg=="}]`, /24 to 64 bytes/],
  ["two spaces", `[{"url":"${url}","secret":"${secret}  ${other}"}]`, /one space/],
  ["an unknown type", `[{"url":"${url}","secret":"${secret}","types":["T0KEN"]}]`, /member "types" must be/],
  ["no types", `[{"url":"${url}","secret":"${secret}","types":[]}]`, /member "types" must be/],
  [
    "the same url twice",
    `[{"url":"${url}","secret":"${secret}"},{"url":"${url}","secret":"${other}"}]`,
    /webhook 2: its url is listed before/,
  ],
])("%s is refused by place, without the secret", ([, text, message]) => {
  const refused = (): unknown => parseWebhooks(text);
  expect(refused).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
  expect(refused).toThrowError(message);
  // A log shows an error with its causes.
  expect(inspect(thrownBy(refused), { depth: 9 })).not.toMatch(/T0KEN|hunter2|BwcHBwcH|aHVud/);
});

test("the file of the configuration is read; without one there are no webhooks", () => {
  const webhooksFile = join(temporaryFolder(), "webhooks.json");
  writeFileSync(webhooksFile, JSON.stringify([{ url, secret }]));
  expect(readWebhooks(readConfig({ webhooksFile }, {}))).toHaveLength(1);
  expect(readWebhooks(readConfig({}, {}))).toEqual([]);
  expect(() => readWebhooks(readConfig({ webhooksFile: "/no/such/T0KEN" }, {}))).toThrowError(
    /^the list of webhooks cannot be read \(ENOENT\); check the file that --webhooks-file names and its permissions$/,
  );
});
