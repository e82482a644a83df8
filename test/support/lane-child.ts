// Runs one job of the lane `killed` that never ends, and prints its id once it runs, until this process is killed.
import { startLane } from "../../jobs/lane.ts";
import { type JobBackendOptions, openJobBackend } from "../../src/adapters/job-backend.ts";

const backend = await openJobBackend(JSON.parse(process.argv[2] ?? "") as JobBackendOptions);
const lane = await startLane<{ hang: object }>({
  backend,
  name: "killed",
  lockMs: 1000,
  jobs: {
    hang: {
      run: async (_, { id }) => {
        process.stdout.write(`${id}\n`);
        return new Promise(() => undefined);
      },
    },
  },
});
await lane.enqueue("hang", {}, { id: "left" });
