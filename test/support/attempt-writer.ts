// Stores attempts in the folder of its argument, and prints the number of each once it is stored, until it is killed.
import { openPglite } from "../../src/adapters/pglite.ts";
import { migrate } from "../../src/adapters/sql.ts";
import { sqlAttempts } from "../../src/adapters/sql-attempts.ts";
import { signedAnchor } from "./signed-anchor.ts";

const sql = await openPglite(process.argv[2]);
await migrate(sql);
const attempts = sqlAttempts(sql);
for (let mark = (await attempts.list()).length; ; mark++) {
  const hash = mark.toString(16).padStart(64, "0");
  await attempts.prepare("2026-03", hash, signedAnchor(mark), undefined);
  process.stdout.write(`${mark}\n`);
}
