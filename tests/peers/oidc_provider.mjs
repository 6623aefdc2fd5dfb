// oidc-provider, a certified OpenID provider, with the FAPI 2.0 Security Profile, on a free port.
//
// Reads {client_id, jwks, redirect_uri, person} as one line of JSON and says {"issuer": …}. Whoever
// comes to sign in is the one person it knows. Further lines of input switch what it does wrong.
import { createServer } from 'node:http'
import * as readline from 'node:readline'
import { Provider } from 'oidc-provider'

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const task = JSON.parse((await lines.next()).value)
const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`

const signing = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
const { key_ops, ext, ...exported } = await crypto.subtle.exportKey('jwk', signing.privateKey)
const jwk = { ...exported, use: 'sig', alg: 'ES256', kid: 'provider-1' }
const provider = new Provider(issuer, {
  jwks: { keys: [jwk] },
  clients: [{
    client_id: task.client_id,
    redirect_uris: [task.redirect_uri],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: true,
    require_pushed_authorization_requests: true,
    jwks: task.jwks,
    scope: 'openid name address birthdate gender',
  }],
  features: {
    devInteractions: { enabled: false },
    fapi: { enabled: true, profile: '2.0' },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => task.dpop_nonce === true },
    claimsParameter: { enabled: false },
  },
  claims: { openid: ['sub', 'acr'], name: ['name'], address: ['address'], birthdate: ['birthdate'], gender: ['gender'] },
  clientAuthMethods: ['private_key_jwt'],
  pkce: { required: () => true },
  responseTypes: ['code'],
  enabledJWA: { idTokenSigningAlgValues: ['ES256'], clientAuthSigningAlgValues: ['ES256', 'PS256'], dPoPSigningAlgValues: ['ES256'] },
  subjectTypes: ['public'],
  cookies: { keys: ['peer'] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...task.person }) }),
})
provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next()
  const details = await provider.interactionDetails(context.req, context.res)
  const grant = new provider.Grant({ accountId: task.person.sub, clientId: task.client_id })
  grant.addOIDCScope(details.params.scope)
  const grantId = await grant.save()
  await provider.interactionFinished(context.req, context.res, {
    login: { accountId: task.person.sub, acr: 'aal3', amr: ['swk'] }, consent: { grantId } })
  context.respond = false
})
for (const event of ['server_error', 'authorization.error', 'grant.error', 'pushed_authorization_request.error', 'userinfo.error']) {
  provider.on(event, (...given) => say({ error: event, detail: String(given.find((one) => one instanceof Error)?.error_description ?? given.find((one) => one instanceof Error)?.stack) }))
}
server.on('request', provider.callback())
say({ issuer })
for await (const line of lines) if (JSON.parse(line).end) break
process.exit(0)
