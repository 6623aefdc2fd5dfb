/**
 * A vendor's system, from nothing to its first calls in the sandbox. Node 20, no dependency.
 *
 *     npx tsc -p . && node out/example.js http://127.0.0.1:8200
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

type Json = Record<string, unknown>;

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const base64url = (data: Buffer | string): string => Buffer.from(data).toString("base64url");
const sha256 = (text: string): string => base64url(createHash("sha256").update(text).digest());
const random = (): string => base64url(randomBytes(16));
const now = (): number => Math.floor(Date.now() / 1000);

/** A P-256 key. Keep it in a file of mode 0600 or a key store; only its public half leaves. */
class SigningKey {
  readonly publicJwk: Json;
  readonly kid: string;
  private readonly privateKey: KeyObject;

  constructor() {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.privateKey = pair.privateKey;
    const { crv, kty, x, y } = pair.publicKey.export({ format: "jwk" });
    this.publicJwk = { crv, kty, x, y };
    this.kid = sha256(JSON.stringify(this.publicJwk)); // RFC 7638: the members in this order
  }

  /** Returns a compact JWT (ES256: the two numbers of the signature, 32 bytes each). */
  sign(header: Json, claims: Json): string {
    const parts = [{ alg: "ES256", ...header }, claims];
    const text = parts.map((part) => base64url(JSON.stringify(part))).join(".");
    const key = { key: this.privateKey, dsaEncoding: "ieee-p1363" as const };
    return `${text}.${base64url(sign("sha256", Buffer.from(text), key))}`;
  }
}

/** A refusal: what happened, what to do, and whether to come back (RFC 9457). */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Json,
    readonly retryAfterSeconds: number,
  ) {
    super(String(problem["type"] ?? problem["error"]));
  }
}

/** One client of ours, in one municipality. */
class Tamaire {
  private clientId = "";
  private municipality = "";
  private token = "";
  private tokenUntil = 0;

  constructor(
    private readonly house: string,
    private readonly key: SigningKey,
  ) {}

  /** Registers (RFC 7591): a sandbox client, at once. Keep its registration_access_token. */
  async register(metadata: Json): Promise<Json> {
    const jwks = { keys: [{ ...this.key.publicJwk, kid: this.key.kid }] };
    const answer = await this.send("/oauth/register", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...metadata, jwks }),
    });
    const registered = (await answer.json()) as Json;
    this.clientId = String(registered["client_id"]);
    this.municipality = String(registered["municipality_code"]);
    return registered;
  }

  /** Calls an operation; each call carries a fresh proof that the token is ours (RFC 9449). */
  async call(method: string, path: string, body?: Json, headers: Record<string, string> = {}): Promise<Response> {
    const token = await this.currentToken();
    return this.send(path, {
      method,
      headers: {
        Authorization: `DPoP ${token}`,
        DPoP: this.proof(method, path, { ath: sha256(token) }),
        ...(body ? { "Content-Type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  private async currentToken(): Promise<string> {
    if (now() < this.tokenUntil - 30) return this.token;
    const assertion = this.key.sign(
      { typ: "JWT", kid: this.key.kid },
      // Good for a minute and for one use (RFC 7523).
      { iss: this.clientId, sub: this.clientId, aud: this.house, jti: random(), iat: now(), exp: now() + 60 },
    );
    const answer = await this.send("/oauth/token", {
      method: "POST",
      headers: { "Tamaire-Municipality": this.municipality, DPoP: this.proof("POST", "/oauth/token") },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion,
      }),
    });
    const given = (await answer.json()) as { access_token: string; expires_in: number };
    this.token = given.access_token;
    this.tokenUntil = now() + given.expires_in;
    return this.token;
  }

  private proof(method: string, path: string, more: Json = {}): string {
    const htu = `${this.house}${path.split("?")[0]}`;
    return this.key.sign(
      { typ: "dpop+jwt", jwk: this.key.publicJwk },
      { jti: random(), htm: method, htu, iat: now(), ...more },
    );
  }

  private async send(path: string, request: RequestInit): Promise<Response> {
    const answer = await fetch(`${this.house}${path}`, request);
    if (answer.ok) return answer;
    const retryAfter = Number(answer.headers.get("Retry-After") ?? 0);
    throw new Refused(answer.status, (await answer.json()) as Json, retryAfter);
  }
}

async function main(house: string): Promise<void> {
  const tamaire = new Tamaire(house, new SigningKey());
  const registered = await tamaire.register({
    client_name: "まどぐち番号表示",
    organization_name: "有限会社オホーツクソフト",
    contacts: ["dev@example.co.jp"],
    scope: "benefits:read window-dx:read window-dx:write",
  });
  console.log("registered", registered["environment"], registered["municipality_code"]);

  const items = async (path: string): Promise<Json[]> =>
    ((await (await tamaire.call("GET", path)).json()) as { items: Json[] }).items;
  const programmes = await items("/benefits/v1/programmes");
  console.log("programmes", ...programmes.map((one) => String(one["code"])).sort());

  const [window] = await items("/window-dx/v1/windows");
  const ticket = { window_id: window?.["id"], matter: "転入の手続き" };
  const once = { "Idempotency-Key": random() };
  const first = await (await tamaire.call("POST", "/window-dx/v1/receptions", ticket, once)).text();
  const again = await (await tamaire.call("POST", "/window-dx/v1/receptions", ticket, once)).text();
  console.log("ticket", (JSON.parse(first) as Json)["number"], "same", first === again);

  try {
    await tamaire.call("GET", "/benefits/v1/programmes", undefined, { "Tamaire-Sandbox-Outcome": "503" });
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    console.log("refused", refused.status, refused.problem["type"], "retry", refused.retryAfterSeconds);
    console.log(refused.problem["title_ja"], refused.problem["remedy_ja"]);
  }
}

await main(process.argv[2] ?? "http://127.0.0.1:8200");
