import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/**
 * Writes `settlement`, and what a service manager would do with it, into the `bin` of a machine's folder. The service is
 * started again when it ends, unless it ends with 2, as long as there is a file `wanted`. Its process is in the file `pid`,
 * that of its manager in `manager`, its output in `log`; a file `limit` holds how large its files may get, as `ulimit -f`
 * takes it.
 */
export function writePrograms(folder: string): void {
  const quoted = (name: string): string => `'${join(folder, name)}'`;
  const [pid, manager, wanted, log, limit] = ["pid", "manager", "wanted", "log", "limit"].map(quoted);
  const programs = {
    settlement: `exec '${process.execPath}' '${main}' "$@"`,
    systemctl: `
runs() { [ -f ${manager} ] && kill -0 "$(cat ${manager})" 2>/dev/null; }
manage() {
  while [ -f ${wanted} ]; do
    settlement run >>${log} 2>&1 &
    echo $! >${pid}
    [ -f ${wanted} ] || kill -TERM $!
    code=0
    wait $! || code=$?
    [ $code -ne 2 ] || break
    [ ! -f ${wanted} ] || sleep 1
  done
}
case "$1" in
  start)
    ! runs || exit 0
    [ ! -f ${limit} ] || ulimit -f "$(cat ${limit})"
    export SETTLEMENT_CONFIG=${quoted("etc/config.json")}
    rm -f ${pid}
    touch ${wanted}
    (exec >/dev/null 2>&1 </dev/null; manage) &
    echo $! >${manager}
    while runs && [ ! -f ${pid} ]; do sleep 0.05; done ;;
  stop)
    rm -f ${wanted}
    [ ! -f ${pid} ] || kill -TERM "$(cat ${pid})" 2>/dev/null || true
    while runs; do sleep 0.05; done ;;
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
