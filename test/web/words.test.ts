import { describe, expect, test } from "vitest";
import { layerNames, xpopLayerNames } from "../../src/core/verdict.ts";
import { chapters, layerText, type ProofKind } from "../../src/web/words.ts";

const kinds: readonly (readonly [kind: ProofKind, names: readonly string[]])[] = [
  ["bundle", layerNames],
  ["xpop", xpopLayerNames],
];

describe.each(kinds)("the chapters of a %s", (kind, names) => {
  const told = chapters[kind].flatMap(({ layers }) => layers);

  test("tell every layer once, in the order of the chain", () => {
    expect(told).toEqual(names);
  });

  test.each(told)("%s is put as a question and explained without jargon", (layer) => {
    const { question, about } = layerText(kind, layer);
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect(about).toMatch(/^.{40,}\.$/);
    expect(about).not.toMatch(/Merkle|SHAMap|UNL|JCS|RFC|XLS/);
  });
});
