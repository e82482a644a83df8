import { expect, test } from "vitest";
import { isIdOfNetwork, isNetworkName, networkIdOf } from "../../src/core/network.ts";

test.each([
  ["mainnet", 0],
  ["testnet", 1],
  ["devnet", 2],
  ["local", 63_456],
  ["xrpl-21337", 21_337],
  ["xrpl-3", 3],
])("%s has the id %i", (name, id) => {
  expect(isNetworkName(name)).toBe(true);
  expect(networkIdOf(name)).toBe(id);
  expect(isIdOfNetwork(name, id)).toBe(true);
});

test.each([
  ["another name of mainnet", "xrpl-0"],
  ["another name of testnet", "xrpl-1"],
  ["another name of devnet", "xrpl-2"],
  ["a leading zero", "xrpl-021337"],
  ["a URL", "wss://xrplcluster.com"],
  ["another case", "Mainnet"],
  ["nothing", ""],
  ["a member of every object", "constructor"],
  ["no text", 0],
])("refused: %s", (_, name) => {
  expect(isNetworkName(name)).toBe(false);
});

test("a local network may have any id that no public network has", () => {
  expect(isIdOfNetwork("local", 4242)).toBe(true);
  expect([0, 1, 2, 1024].map((id) => isIdOfNetwork("local", id))).toEqual([false, false, false, false]);
});
