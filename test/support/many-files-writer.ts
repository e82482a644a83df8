// Writes many files into the folder it is given, those that are missing there, until it is killed.
import { writeThreads } from "../../src/write-pool.ts";
import { manyFiles } from "./many-files.ts";

const [root = ""] = process.argv.slice(2);
const write = writeThreads();
const files = manyFiles(5000);
for (let at = 0; at < files.length; at += 500) {
  await write(root, files.slice(at, at + 500));
  process.stdout.write("written\n");
}
