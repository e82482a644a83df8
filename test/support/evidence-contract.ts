import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import type { CapturedEvidence, EvidenceStore } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

function piece(more: Partial<CapturedEvidence> = {}): CapturedEvidence {
  return {
    network: "testnet",
    ledgerIndex: 4_294_967_295,
    ledgerHash: "AB".repeat(32),
    kind: "validation",
    name: "nHB1",
    bytes: utf8("one"),
    ...more,
  };
}

/** What every `EvidenceStore` promises. @param make - an empty one */
export function evidenceContract(name: string, make: () => Promise<EvidenceStore>): void {
  describe(`${name} as an evidence store`, () => {
    test("gives back what was kept of a ledger, and of no other", async () => {
      const evidence = await make();
      expect(await evidence.find("testnet", 4_294_967_295)).toEqual([]);
      const pieces = [
        piece({ ledgerHash: "AA".repeat(32) }),
        piece({ kind: "ledger", name: "" }),
        piece({ kind: "list" }),
        piece({ kind: "manifest" }),
        piece({ name: "nHB0" }),
        piece(),
      ];
      const others = [piece({ network: "mainnet" }), piece({ ledgerIndex: 7 }), piece({ ledgerIndex: 8 })];
      for (const each of [...pieces, ...others].toReversed()) await evidence.keep(each);
      expect(await evidence.find("testnet", 4_294_967_295)).toEqual(pieces);
      expect(await evidence.find("testnet", 7)).toEqual([piece({ ledgerIndex: 7 })]);
      expect(await evidence.find("devnet", 7)).toEqual([]);
    });

    test("keeps the first to come", async () => {
      const evidence = await make();
      await evidence.keep(piece());
      await evidence.keep(piece());
      await evidence.keep(piece({ bytes: utf8("two") }));
      expect(await evidence.find("testnet", 4_294_967_295)).toEqual([piece()]);
    });

    test("a ledger index that is a lie takes no place from the true one", async () => {
      const evidence = await make();
      await evidence.keep(piece({ ledgerIndex: 6, bytes: utf8("lie") }));
      await evidence.keep(piece({ ledgerIndex: 7 }));
      expect(await evidence.find("testnet", 7)).toEqual([piece({ ledgerIndex: 7 })]);
    });

    test("of several who keep one piece, one does", async () => {
      const evidence = await make();
      const texts = Array.from({ length: 8 }, (_, at) => piece({ bytes: utf8(`from ${at}`) }));
      await Promise.all(texts.map((each) => evidence.keep(each)));
      const found = await evidence.find("testnet", 4_294_967_295);
      expect(found).toHaveLength(1);
      expect(texts).toContainEqual(found[0]);
    });

    test("keeps any bytes, in a copy of its own", async () => {
      const evidence = await make();
      const every = Uint8Array.from({ length: 256 }, (_, at) => at);
      const all = [new Uint8Array(), every, every.subarray(100, 103), utf8(longText)];
      for (const [at, bytes] of all.entries()) await evidence.keep(piece({ ledgerIndex: at, bytes }));
      const changing = every.slice();
      await evidence.keep(piece({ ledgerIndex: 9, bytes: changing }));
      changing.fill(0);
      (await evidence.find("testnet", 9))[0]?.bytes.fill(0);
      for (const [at, bytes] of [...all.entries(), [9, every] as const]) {
        const [found] = await evidence.find("testnet", at);
        expect(Buffer.from(found?.bytes ?? []).equals(bytes)).toBe(true);
        expect(found?.bytes.constructor).toBe(Uint8Array);
      }
    });

    test("keeps any names apart, and refuses what it could not give back", async () => {
      const evidence = await make();
      for (const text of hostileTexts) {
        await evidence.keep(piece({ network: text, ledgerHash: text, name: text }));
        expect(await evidence.find(text, 4_294_967_295)).toEqual([
          piece({ network: text, ledgerHash: text, name: text }),
        ]);
      }
      for (const text of unstorableTexts) {
        for (const bad of [{ network: text }, { ledgerHash: text }, { name: text }]) {
          expect(await outcome(evidence.keep(piece(bad)))).toBe("STATE_UNAVAILABLE");
        }
      }
      expect(await evidence.find("testnet", 4_294_967_295)).toEqual([]);
    });
  });
}
