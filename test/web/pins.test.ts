import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { defaultTrust, parseTrust } from "../../src/core/trust.ts";
import { builtInPins, filePins, parsePin, pinsOf, pinText, serverPins, trustOf, withPins } from "../../src/web/pins.ts";
import { testKey } from "../support/settle.ts";

const vkey = formatVkey(makeVkey("ledger.example/ledger", testKey.publicKey));
const account = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
const publisher = "ED2677ABFFD1B33AC6FBC3062B71F1E8397C1505E1C42C64D11AD1B28FF73F4734";

describe("a pin as it is typed", () => {
  test.for([
    { typed: ` ${vkey}\n`, network: "", expected: vkey },
    { typed: account, network: "testnet", expected: `${account} on testnet` },
    { typed: account, network: "xrpl-21337", expected: `${account} on xrpl-21337` },
    { typed: publisher.toLowerCase(), network: "mainnet", expected: `${publisher} of mainnet` },
  ])("$typed", ({ typed, network, expected }) => {
    const pin = parsePin(typed, network);
    expect(pinText(pin)).toBe(expected);
    expect(pin.source).toBe("you");
  });

  test.for([
    { typed: "", network: "mainnet", code: "TRUST_MALFORMED" },
    { typed: "hello", network: "mainnet", code: "TRUST_MALFORMED" },
    { typed: `${account}x`, network: "mainnet", code: "TRUST_MALFORMED" },
    { typed: account, network: "", code: "NETWORK_UNKNOWN" },
    { typed: account, network: "https://example.org", code: "NETWORK_UNKNOWN" },
    { typed: vkey.replace("ledger.example", "other.example"), network: "", code: "VKEY_MALFORMED" },
  ])("$typed on $network is refused", ({ typed, network, code }) => {
    expect(() => parsePin(typed, network)).toThrow(expect.objectContaining({ code }));
  });
});

test("pins and trust are two spellings of one thing", () => {
  const trust = parseTrust({ accounts: [{ network: "local", account }], logs: [vkey] });
  expect(trustOf(pinsOf(trust, "file"))).toEqual(trust);
  expect(trustOf(builtInPins)).toEqual(defaultTrust);
  expect(builtInPins.map(pinText)[1]).toMatch(/^ED45.* of mainnet until 2026-01-18T00:00:00Z$/);
});

test("of a trust file that names no publishers, the built-in ones are not said to be the file's", () => {
  const file = { accounts: [{ network: "local", account }], logs: [vkey] };
  const trust = parseTrust(file);
  const sourcesOf = (isSilentOnPublishers: boolean): readonly string[] => [
    ...new Set(
      filePins({ name: "trust.json", trust, isSilentOnPublishers }).map(({ kind, source }) => `${kind} ${source}`),
    ),
  ];
  expect(sourcesOf(true)).toEqual(["publisher built-in", "account file", "log file"]);
  expect(sourcesOf(false)).toEqual(["publisher file", "account file", "log file"]);
  expect(trustOf(filePins({ name: "trust.json", trust, isSilentOnPublishers: true }))).toEqual(trust);
});

test("a pin that is there already is not added, and who said it first stays named", () => {
  const pins = [...builtInPins, parsePin(vkey, "")];
  const said = pinsOf(
    parseTrust({ publishers: [], accounts: [{ network: "local", account }], logs: [vkey] }),
    "server",
  );
  const all = withPins(pins, said);
  expect(all.slice(pins.length).map(({ source, kind }) => [source, kind])).toEqual([["server", "account"]]);
});

describe("what a server says of itself", () => {
  test("is its key and its accounts, and never who names the validators", () => {
    const answer = {
      name: "x",
      key: vkey,
      accounts: [{ network: "local", account }],
      links: {},
      publishers: [publisher],
    };
    const pins = serverPins(utf8(JSON.stringify(answer)));
    expect(pins.map(({ kind, source }) => [kind, source])).toEqual([
      ["account", "server"],
      ["log", "server"],
    ]);
    expect(serverPins(utf8('{"key":null,"accounts":[]}'))).toEqual([]);
  });

  test.for(["[]", "{}", '{"key":1,"accounts":[]}', '{"key":null,"accounts":[{}]}', "<html>"])(
    "%s is refused",
    (answer) => {
      expect(() => serverPins(utf8(answer))).toThrow(expect.objectContaining({ kind: "invalid" }));
    },
  );
});
