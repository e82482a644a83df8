// An unattended year of the settlement node under a virtual clock: what its operator would read.
//
//   npm run simulate:year -- --seed 1           the log as a terminal shows it, and `settlement status` each quarter
//   npm run simulate:year -- --color            with colours, whatever the output is
//   npm run simulate:year -- --quiet            the figures alone
//
// The last line is one of JSON with the figures. Exit code 1 unless there are 12 anchors and 12 receipts that verify.
import { parseArgs } from "node:util";
import { openDatabases } from "../test/simulator/database.ts";
import { runYear } from "../test/simulator-year/run-year.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    color: { type: "boolean", default: process.stdout.isTTY },
    quiet: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed takes a whole number, not ${values.seed}`);
const databases = await openDatabases();
const [database] = databases.hosts;
if (!database) throw new RangeError("there is no database");
let lines = 0;
const print = (text: string): void => {
  lines += text.split("\n").length - 1;
  if (!values.quiet) process.stdout.write(text);
};
const ran = await runYear({ seed, database, print, hasColours: values.color });
await databases.close();
console.log(JSON.stringify({ seed, lines, ...ran }));
if (ran.anchors !== 12 || ran.receipts !== 12 || ran.violations.length > 0) process.exitCode = 1;
