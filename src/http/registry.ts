import { utf8 } from "../core/bytes.ts";
import { type RegistryFile, registryFiles } from "../settle/registry-files.ts";
import { jsonMediaType } from "./answer.ts";
import type { Context } from "./context.ts";
import type { Route } from "./route.ts";

/** The files of the registry, byte for byte as networks publish them. */
export function registryRoutes(context: Context): readonly Route[] {
  const route = (path: string, name: RegistryFile["name"]): Route => ({
    path,
    answer: async () => {
      const { nodes } = await context.view();
      const text = registryFiles(nodes).find((file) => file.name === name)?.text ?? "";
      return { type: jsonMediaType, body: utf8(text), cache: "brief" };
    },
  });
  return [
    route("/v1/registry/nodes", "nodes.json"),
    route("/v1/registry/capabilities", "capabilities.json"),
    route("/v1/registry/dependencies", "dependencies.json"),
  ];
}
