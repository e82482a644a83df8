// Loaded before a program: whatever reaches for the network ends the process with status 99.
import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const refuse = (name) => () => {
  process.stderr.write(`reached for the network: ${name}\n`);
  // oxlint-disable-next-line no-process-exit -- a program could catch what is thrown
  process.exit(99);
};

net.Socket.prototype.connect = refuse("net.Socket.connect");
net.Server.prototype.listen = refuse("net.Server.listen");
dgram.createSocket = refuse("dgram.createSocket");
globalThis.fetch = refuse("fetch");
globalThis.WebSocket = function WebSocket() {
  refuse("WebSocket")();
};
for (const resolver of [dns, dns.promises]) {
  for (const name of Object.keys(resolver).filter((each) => /^(lookup|resolve|reverse)/.test(each))) {
    resolver[name] = refuse(`dns.${name}`);
  }
}
syncBuiltinESMExports();
