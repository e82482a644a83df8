import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { freshRedis } from "../support/services.ts";

const addresses = [await freshRedis(), await freshRedis()];
const clients = addresses.map((address) => new Redis(address));
afterAll(() => Promise.all(clients.map((client) => client.quit())));

test("each test file has a Redis database of its own, which evicts nothing", async () => {
  const [one, two] = clients;
  await one?.set("name", "one");
  expect([await one?.get("name"), await two?.get("name")]).toEqual(["one", null]);
  // A queue that loses keys when memory runs short loses jobs.
  expect(await one?.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
});
