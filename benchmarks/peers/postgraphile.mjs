// PostGraphile 5 over the same tables under the same row security, as its manual has it: the token
// is verified (and remembered), its claims become settings of the transaction, tables are exposed
// by smart tags, and a write of several rows is a function. Arguments: port, PEM, database.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createVerifier } from "fast-jwt";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makeV4Preset } from "postgraphile/presets/v4";

const [port, key, database, tenant] = process.argv.slice(2);
const verify = createVerifier({ key: readFileSync(key), algorithms: ["ES256"], cache: 16384 });

const preset = {
  extends: [PostGraphileAmberPreset, makeV4Preset()],
  pgServices: [
    makePgService({ connectionString: database, schemas: ["peer"], poolConfig: { max: 8 } }),
  ],
  grafast: {
    context(given) {
      const header = given.node?.req?.headers?.authorization ?? "";
      const claims = verify(header.slice(7));
      return { pgSettings: { "app.tenant_id": tenant, "app.actor": claims.sub } };
    },
  },
  grafserv: { graphiql: false, websockets: false, port: Number(port), host: "127.0.0.1" },
};
const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(port), "127.0.0.1");
