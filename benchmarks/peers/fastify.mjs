// What a team on Node would put before its services: Fastify, its proxy, and verification that
// remembers tokens. Arguments: port, the service's socket, the PEM of the public key.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import jwt from "@fastify/jwt";
import proxy from "@fastify/http-proxy";

const [port, socket, key] = process.argv.slice(2);
const server = Fastify({ logger: false });
await server.register(jwt, {
  secret: { public: readFileSync(key) },
  verify: { algorithms: ["ES256"], cache: 16384 },
});
await server.register(proxy, {
  upstream: `unix+http://${encodeURIComponent(socket)}`,
  undici: { connections: 64, pipelining: 1 },
  preHandler: async (request) => {
    await request.jwtVerify();
  },
});
await server.listen({ port: Number(port), host: "127.0.0.1" });
