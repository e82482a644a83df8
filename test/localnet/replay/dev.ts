import { replay, type Folder } from "./replay.ts";
const folder = (process.argv[2] ?? "net0") as Folder;
const found = await replay(folder);
const byText = new Map<string, number[]>();
for (const [n, faults] of found.answers)
  for (const f of faults) {
    const l = byText.get(f) ?? [];
    l.push(n);
    byText.set(f, l);
  }
for (const [f, ns] of byText) console.log(ns.slice(0, 12).join(","), ns.length, f.slice(0, 300));
console.log(found.answers.size, "entries differ");
for (const [name, faults] of found.streams) console.log(name, faults.length, faults.slice(0, 10));
