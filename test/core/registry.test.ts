import { describe, expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { readLedger } from "../../src/adapters/read-ledger.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { registryDependencies } from "../../src/core/registry-dependencies.ts";
import { firstDifference, registryCapabilities, registryNodes, registryText } from "../../src/core/registry.ts";
import { differencesOf, registryFiles } from "../../src/settle/registry-files.ts";
import { nodeJson } from "../support/build-ledger.ts";
import { hasShared, sharedPath, sharedText } from "../support/shared.ts";

function node(id: string, provides: readonly string[], consumes: readonly string[] = []) {
  return parseNodeManifest(nodeJson(id, "compute", { provides, consumes }));
}

describe.skipIf(!hasShared)("the registry of a live network", () => {
  test.for(["nodes.json", "capabilities.json", "dependencies.json"] as const)("%s, byte for byte", async (name) => {
    const { nodes } = await readLedger(folderTree(sharedPath("repomesh-ledger/ledger")));
    const derived = registryFiles(nodes).find((file) => file.name === name)?.text;
    expect(derived).toBe(sharedText(`repomesh-ledger/registry/${name}`));
  });
});

test("nodes stand in the order of their folders, whatever order they come in", () => {
  const ids = ["a/z", "a/b", "a-b/c", "B/c", "a.b/c"];
  const sorted = ["B/c", "a/b", "a/z", "a-b/c", "a.b/c"];
  for (const given of [ids, ids.toReversed()]) {
    expect(registryNodes(given.map((id) => node(id, []))).map(({ id }) => id)).toEqual(sorted);
  }
});

test("what a manifest leaves out is empty", () => {
  expect(registryNodes([node("a/b", ["x.v1"])])).toEqual([
    { id: "a/b", kind: "compute", description: "", provides: ["x.v1"], consumes: [], tags: [], homepage: "" },
  ]);
});

test("a capability may be called anything, and is said once of each node", () => {
  const capabilities = registryCapabilities([node("b/b", ["__proto__", "x.v1", "x.v1"]), node("a/a", ["x.v1"])]);
  expect(Object.entries(capabilities)).toEqual([
    ["x.v1", ["a/a", "b/b"]],
    ["__proto__", ["b/b"]],
  ]);
});

test("dependencies name what nobody provides, and who provides the same", () => {
  const nodes = [
    node("a/one", ["x.v1", "y.v1"], ["constructor"]),
    node("a/two", ["y.v1", "x.v1"], ["x.v1"]),
    node("a/none", []),
    node("a/nil", []),
  ];
  const { graph, warnings, stats } = registryDependencies(nodes);
  expect(graph.find(({ id }) => id === "a/two")?.consumes).toEqual([
    { capability: "x.v1", providers: ["a/one", "a/two"] },
  ]);
  expect(warnings).toEqual([
    {
      type: "unmet.dependency",
      node: "a/one",
      capability: "constructor",
      detail: 'a/one consumes "constructor" but no node provides it',
    },
    {
      type: "role.redundancy",
      nodes: ["a/one", "a/two"],
      capabilities: ["x.v1", "y.v1"],
      detail: "Nodes a/one, a/two provide identical capability sets",
    },
  ]);
  expect(stats).toEqual({ totalNodes: 4, totalCapabilities: 2, unmetDependencies: 1, roleRedundancies: 1 });
});

describe("comparison with what is published", () => {
  const nodes = [node("a/b", ["x.v1"])];
  const files = registryFiles(nodes);
  const good = Object.fromEntries(files.map(({ name, text }) => [`registry/${name}`, text]));
  const compare = (change: Record<string, string>, without: readonly string[] = []) => {
    const found = Object.entries({ ...good, ...change }).filter(([path]) => !without.includes(path));
    return differencesOf(files, memoryTree(Object.fromEntries(found)), "registry");
  };

  test("finds nothing where nothing differs", async () => {
    expect(await compare({})).toEqual([]);
    expect(await compare({}, ["registry/dependencies.json"])).toEqual([]);
  });

  test.for([
    ["registry/nodes.json is missing", {}, ["registry/nodes.json"]],
    [
      "registry/nodes.json differs at $[0].kind",
      { "registry/nodes.json": registryText([{ id: "a/b", kind: "x" }]) },
      [],
    ],
    [
      "registry/capabilities.json says the same in another order or formatting",
      { "registry/capabilities.json": '{"x.v1":["a/b"]}' },
      [],
    ],
  ] as const)("%s", async ([message, change, without]) => {
    expect(await compare(change, without)).toEqual([message]);
  });

  test("says what cannot be read", async () => {
    expect(await compare({ "registry/nodes.json": "[" })).toEqual([
      expect.stringMatching(/^registry\/nodes\.json cannot be read: /),
    ]);
  });

  test("names the first place", () => {
    expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe("$.a[1].b");
    expect(firstDifference({ a: 1 }, { a: 1, c: null })).toBe("$.c");
    expect(firstDifference([1], [1])).toBeUndefined();
  });
});
