/** Fields whose values belong to the process that answered: its clock, its load, its name. Their types are compared. */
const ownValues = new Set([
  "age",
  "build_version",
  "converge_time",
  "converge_time_s",
  "duration_us",
  "hostid",
  "initial_sync_duration_us",
  "io_latency_ms",
  "port",
  "pubkey_node",
  "random",
  "server_state_duration_us",
  "time",
  "uptime",
]);

/** Measurements of the moment, not even alike between two answers of one server. */
const skipped = new Set(["job_types"]);

/** Where two JSON values differ: `path: what`. Every value is compared, hashes and signatures too. */
export function differences(recorded: unknown, actual: unknown, path = ""): string[] {
  if (kindOf(recorded) !== kindOf(actual)) return [`${path}: ${kindOf(recorded)} recorded, ${kindOf(actual)} here`];
  if (Array.isArray(recorded)) return ofLists(recorded, actual as unknown[], path);
  if (typeof recorded === "object" && recorded !== null) {
    return ofObjects(recorded as Record<string, unknown>, actual as Record<string, unknown>, path);
  }
  if (recorded === actual || ownValues.has(path.split(".").at(-1) ?? "")) return [];
  if (typeof recorded === "string" && /… \(\d+ characters\)$/.test(recorded)) return [];
  return [`${path}: ${JSON.stringify(recorded)} recorded, ${JSON.stringify(actual)} here`];
}

function ofLists(recorded: readonly unknown[], actual: readonly unknown[], path: string): string[] {
  if (recorded.length !== actual.length) return [`${path}: ${recorded.length} items recorded, ${actual.length} here`];
  return recorded.flatMap((item, at) => differences(item, actual[at], `${path}[${at}]`));
}

function ofObjects(recorded: Record<string, unknown>, actual: Record<string, unknown>, path: string): string[] {
  const inner = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(actual)])].toSorted();
  return names.flatMap((name) => {
    if (skipped.has(name)) return [];
    if (!(name in recorded)) return [`${inner(name)}: here only`];
    if (!(name in actual)) return [`${inner(name)}: recorded only`];
    return differences(recorded[name], actual[name], inner(name));
  });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
