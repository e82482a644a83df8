import { expect, test } from "vitest";
import publicNetworks from "../../src/core/public-networks.trust.json" with { type: "json" };
import { defaultTrust, knownPublishers, parseTrust, trustJson } from "../../src/core/trust.ts";

const key = "ED".padEnd(66, "7");

test("the file with the publishers of the public networks is what is pinned without a trust file", () => {
  expect(parseTrust(publicNetworks)).toEqual(defaultTrust);
  expect(parseTrust({})).toEqual(defaultTrust);
  expect(knownPublishers.map(({ network }) => network)).toEqual(["mainnet", "mainnet", "mainnet", "testnet", "devnet"]);
});

test("a file with publishers replaces them, also by none", () => {
  expect(parseTrust({ publishers: [{ publicKey: key, network: "devnet" }] }).publishers).toEqual([
    { publicKey: key, network: "devnet" },
  ]);
  expect(parseTrust({ publishers: [] }).publishers).toEqual([]);
});

test("what was read is written again", () => {
  const file = {
    publishers: [{ name: "of a friend", publicKey: key, network: "testnet", validFrom: "2026-01-02T03:04:05Z" }],
    accounts: [],
    logs: [],
  };
  expect(trustJson(parseTrust(file))).toEqual(file);
  expect(trustJson(parseTrust(publicNetworks))).toEqual(publicNetworks);
});
