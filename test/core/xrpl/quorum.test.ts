import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { electorsOf } from "../../../src/core/xrpl/electors.ts";
import { checkPublisher } from "../../../src/core/xrpl/publisher-pin.ts";
import { quorumOf, tallyVotes } from "../../../src/core/xrpl/quorum.ts";
import { ledgerHash } from "../../../src/core/xrpl/ledger-header.ts";
import { knownPublishers, type PinnedPublisher } from "../../../src/core/trust.ts";
import {
  edKey,
  madeLedger,
  manifestBytes,
  secpKey,
  validationBytes,
  type Validator,
  validator,
  validators,
} from "./made-network.ts";

test.for([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 4],
  [6, 5],
  [10, 8],
  [34, 28],
  [35, 28],
  [36, 29],
  [256, 205],
] as const)("of %i validators %i are needed", ([count, needed]) => {
  expect(quorumOf(count)).toBe(needed);
  expect(quorumOf(count)).toBe(Math.ceil(Math.round(count * 8) / 10));
});

const keyOf = (key: { readonly publicKey: Uint8Array }): string => toHex(key.publicKey).toUpperCase();

describe("electors", () => {
  const [one, two] = validators(2);
  const member = ({ master, manifest }: Validator) => ({
    masterKey: keyOf(master),
    manifests: [manifest],
  });
  const members = [member(one!), member(two!)];
  const newKey = secpKey("new");
  const rotated = manifestBytes({ master: one!.master, signing: newKey, sequence: 2 });

  const ownerBy = (newer: readonly Uint8Array[], key: { readonly publicKey: Uint8Array }) =>
    electorsOf(members, newer, nodeVerify).electorOf(key.publicKey)?.masterKey;

  it("vote by the key of the list", () => {
    expect(ownerBy([], one!.signing)).toBe(keyOf(one!.master));
    expect(ownerBy([], newKey)).toBeUndefined();
    expect(ownerBy([], one!.master)).toBeUndefined();
  });

  it("do not vote by another's manifest in their place of the list", () => {
    const stranger = validator("stranger");
    const posing = [{ masterKey: keyOf(one!.master), manifests: [stranger.manifest] }];
    expect(electorsOf(posing, [], nodeVerify).electorOf(stranger.signing.publicKey)).toBeUndefined();
  });

  it("vote by a newer key, and no longer by the old one", () => {
    expect(ownerBy([rotated], newKey)).toBe(keyOf(one!.master));
    expect(ownerBy([rotated], one!.signing)).toBeUndefined();
    expect(ownerBy([rotated], two!.signing)).toBe(keyOf(two!.master));
  });

  test.for<[string, Uint8Array]>([
    ["one of the same sequence", manifestBytes({ master: one!.master, signing: newKey, sequence: 1 })],
    ["an older one", manifestBytes({ master: one!.master, signing: newKey, sequence: 0 })],
    ["one with a bad signature", rotated.with(rotated.length - 1, rotated.at(-1)! ^ 1)],
    ["a stranger's", manifestBytes({ master: edKey("stranger"), signing: newKey, sequence: 9 })],
    ["bytes that are none", new Uint8Array(7)],
  ])("are not moved by %s", ([, newer]) => {
    expect(ownerBy([newer], newKey)).toBeUndefined();
    expect(ownerBy([newer], one!.signing)).toBe(keyOf(one!.master));
  });

  it("do not vote when they are revoked later", () => {
    const revoked = manifestBytes({ master: one!.master, sequence: 0xffff_ffff });
    expect(ownerBy([revoked], one!.signing)).toBeUndefined();
  });

  it("that claim one key have one vote between them", () => {
    const shared = [one!, two!].map(({ master }) => ({
      masterKey: keyOf(master),
      manifests: [manifestBytes({ master, signing: newKey })],
    }));
    const { decoded: header } = madeLedger([]);
    const ballot = { ledgerIndex: header.index, ledgerHash: ledgerHash(header), members: shared, newerManifests: [] };
    const votes = [1, 2].map((cookie) => validationBytes({ signing: newKey, header, cookie }));
    expect(tallyVotes(ballot, votes, nodeVerify)).toMatchObject({ votes: [{}], faults: ["repeated"] });
  });
});

describe("a publisher's pin", () => {
  const publicKey = keyOf(edKey("publisher"));
  const atUnixMs = 1_000_000;
  const judged = (pins: readonly PinnedPublisher[], network?: string) =>
    checkPublisher({ publicKey, atUnixMs, ...(network === undefined ? {} : { network }) }, pins);

  it("names the network", () => {
    expect(judged([{ publicKey, network: "devnet" }])).toMatchObject({
      network: "devnet",
      check: { pass: expect.any(String) },
    });
    expect(judged([{ publicKey }]).network).toBeUndefined();
    expect(judged([{ publicKey }], "devnet").network).toBe("devnet");
    expect(judged([{ publicKey: publicKey.toLowerCase(), network: "devnet" }]).network).toBe("devnet");
  });

  it("of another network refutes, no pin leaves open", () => {
    expect(() => judged([{ publicKey, network: "devnet" }], "mainnet")).toThrow(/of devnet and not of mainnet/);
    expect(
      judged(
        [
          { publicKey, network: "devnet" },
          { publicKey, network: "mainnet" },
        ],
        "mainnet",
      ).network,
    ).toBe("mainnet");
    expect(judged([{ publicKey: keyOf(edKey("other")) }])).toHaveProperty("check.unproven");
    expect(judged([])).toHaveProperty("check.unproven");
  });

  test.for<[string, Partial<PinnedPublisher>, boolean]>([
    ["from that instant", { validFrom: atUnixMs }, true],
    ["from later", { validFrom: atUnixMs + 1 }, false],
    ["until later", { validUntil: atUnixMs + 1 }, true],
    ["until that instant", { validUntil: atUnixMs }, false],
  ])("%s", ([, window, holds]) => {
    expect("pass" in judged([{ publicKey, ...window }]).check).toBe(holds);
    expect("pass" in judged([{ publicKey, ...window }, { publicKey }]).check).toBe(true);
  });

  it("of a public network's publisher is for that network, though it says nothing", () => {
    const [mainnet] = knownPublishers;
    const query = { publicKey: mainnet!.publicKey, atUnixMs };
    expect(checkPublisher(query, [{ publicKey: mainnet!.publicKey }]).network).toBe("mainnet");
    expect(() => checkPublisher({ ...query, network: "testnet" }, [{ publicKey: mainnet!.publicKey }])).toThrow(
      /mainnet/,
    );
  });
});
