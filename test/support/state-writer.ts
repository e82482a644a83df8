// Writes into every store of the state at STATE_PLACE, a folder or the address of a PostgreSQL, and prints each mark once all
// of it is stored, until it is killed.
import { openPglite } from "../../src/adapters/pglite.ts";
import { openPostgres } from "../../src/adapters/postgres.ts";
import { sqlState } from "../../src/adapters/sql-state.ts";
import { writeMark, writtenOrigin } from "./state-marks.ts";

const place = process.env["STATE_PLACE"] ?? "";
const state = await sqlState(place.startsWith("postgres") ? await openPostgres(place) : await openPglite(place));
for (let mark = (await state.heads.list(writtenOrigin)).length; ; mark++) {
  await writeMark(state, mark);
  process.stdout.write(`${mark}\n`);
}
