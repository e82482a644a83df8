import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/**
 * Writes `settlement`, and what a service manager would do with it, into the `bin` of a machine's folder. The service's
 * process is in the file `pid`, its output in `log`; a file `limit` holds how large its files may get, as `ulimit -f` takes it.
 */
export function writePrograms(folder: string): void {
  const [pid, log, limit, config] = ["pid", "log", "limit", "etc/config.json"].map((name) => `'${join(folder, name)}'`);
  const programs = {
    settlement: `exec '${process.execPath}' '${main}' "$@"`,
    systemctl: `
case "$1" in
  start)
    [ ! -f ${limit} ] || ulimit -f "$(cat ${limit})"
    export SETTLEMENT_CONFIG=${config}
    settlement run >>${log} 2>&1 </dev/null &
    echo $! >${pid} ;;
  stop)
    [ -f ${pid} ] || exit 0
    kill -TERM "$(cat ${pid})" 2>/dev/null || true
    while kill -0 "$(cat ${pid})" 2>/dev/null; do sleep 0.05; done
    rm -f ${pid} ;;
  restart) systemctl stop settlement; systemctl start settlement ;;
  *) echo "systemctl $1?" >&2; exit 64 ;;
esac`,
    journalctl: `cat ${log}`,
  };
  for (const [name, text] of Object.entries(programs)) {
    const path = join(folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o700);
  }
}
