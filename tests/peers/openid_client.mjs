// openid-client, a certified OpenID Connect and FAPI 2.0 relying party, at our front door.
//
// Reads its task as one line of JSON; asks for a browser by {"go": address} and reads where the
// browser came back; says each step as {"step": …}. It ends with 1 at the first step that is not
// as the standards say.
import * as readline from 'node:readline'
import * as client from 'openid-client'

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const read = async () => JSON.parse((await lines.next()).value)
const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)
const done = (step, detail = '') => say({ step, detail: String(detail) })

const must = (held, step, detail = '') => {
  if (!held) throw new Error(`${step}: ${detail}`)
  done(step, detail)
}

const refusedWith = async (step, code, act) => {
  try {
    await act()
  } catch (error) {
    const said = error.error ?? error.cause?.error ?? error.code ?? error.message
    return must(said === code, step, `${said}, should be ${code}`)
  }
  throw new Error(`${step}: was not refused`)
}

const task = await read()
const key = await crypto.subtle.importKey(
  'jwk', task.jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])

const inTheTown = (url, options) => fetch(url, {
  ...options,
  headers: { ...Object.fromEntries(new Headers(options.headers)), 'tamaire-municipality': task.municipality },
})

const discovered = (clientId, signedBy) => client.discovery(
  new URL(task.issuer), clientId, {}, client.PrivateKeyJwt({ key: signedBy, kid: task.jwk.kid }),
  { execute: [client.allowInsecureRequests], [client.customFetch]: inTheTown })

const config = await discovered(task.client_id, key)
const server = config.serverMetadata()
must(server.issuer === task.issuer, 'discovery names our issuer', server.issuer)
must(server.authorization_response_iss_parameter_supported === true, 'metadata promises iss')
must(server.code_challenge_methods_supported.join() === 'S256', 'metadata offers S256 alone')
must(server.dpop_signing_alg_values_supported.includes('ES256'), 'metadata offers DPoP')

const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const asked = async (changes = {}) => {
  const verifier = client.randomPKCECodeVerifier()
  const parameters = {
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: client.randomState(),
    nonce: client.randomNonce(),
    ...changes,
  }
  return { verifier, parameters }
}
const browse = async (address) => {
  say({ go: address.href })
  return new URL((await read()).url)
}
const redeem = (callback, { verifier, parameters }, handle = DPoP) => client.authorizationCodeGrant(
  config, callback,
  {
    pkceCodeVerifier: verifier,
    expectedState: parameters.state,
    expectedNonce: parameters.nonce,
    idTokenExpected: true,
  },
  undefined, { DPoP: handle })
const me = new URL('/platform/v1/me', task.issuer)
const fetched = (token, handle = DPoP) => client.fetchProtectedResource(
  config, token, me, 'GET', undefined, undefined, { DPoP: handle })

// --- code + PKCE + PAR + DPoP + private_key_jwt ---
const first = await asked()
const pushed = await client.buildAuthorizationUrlWithPAR(config, first.parameters, { DPoP })
must([...pushed.searchParams.keys()].sort().join() === 'client_id,request_uri', 'PAR hides the request', pushed.search)
const callback = await browse(pushed)
must(callback.searchParams.get('iss') === task.issuer, 'the answer names its issuer')
const tokens = await redeem(callback, first)
must(tokens.token_type === 'dpop', 'tokens are bound to the key', tokens.token_type)
must(tokens.claims().aud === task.client_id, 'the ID token is for this client')
must(tokens.expires_in <= 600, 'access tokens live ten minutes at most', tokens.expires_in)

const answer = await fetched(tokens.access_token)
const said = await answer.json()
must(answer.status === 200 && said.client_id === task.client_id, 'a resource is read with a proof', answer.status)

const stranger = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const status = async (step, expected, act) => {
  const found = await act().then((one) => one.status, (error) => error.status ?? error.response?.status)
  must(found === expected, step, found)
}
await status('a proof by another key is refused', 401, () => fetched(tokens.access_token, stranger))
await status('the token as a bearer token is refused', 401, () => fetch(me, {
  headers: { authorization: `Bearer ${tokens.access_token}` } }))
await refusedWith('the code is good once', 'invalid_grant', () => redeem(callback, first))
await status('a code used twice ends what it gave', 401, () => settled(() => fetched(tokens.access_token)))

// --- refresh, reuse, revocation, introspection ---
async function settled (act, expected = 401) {
  for (let round = 0; ; round += 1) {
    const found = await act().catch((error) => ({ status: error.status ?? error.response?.status }))
    if (found.status === expected || round === 30) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const second = await asked()
const held = await redeem(await browse(await client.buildAuthorizationUrlWithPAR(config, second.parameters, { DPoP })), second)
await refusedWith('a refresh token is bound to its key', 'invalid_grant', () =>
  client.refreshTokenGrant(config, held.refresh_token, undefined, { DPoP: stranger }))
const renewed = await client.refreshTokenGrant(config, held.refresh_token, undefined, { DPoP })
must(renewed.refresh_token !== held.refresh_token, 'a refresh token is replaced when it is used')
const looked = await client.tokenIntrospection(config, renewed.access_token)
must(looked.active === true && looked.client_id === task.client_id, 'introspection knows the token', looked.active)
await refusedWith('a refresh token is good once', 'invalid_grant', () =>
  client.refreshTokenGrant(config, held.refresh_token, undefined, { DPoP }))
await refusedWith('its second use ends the family', 'invalid_grant', () =>
  client.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP }))

const third = await asked()
const given = await redeem(await browse(await client.buildAuthorizationUrlWithPAR(config, third.parameters, { DPoP })), third)
await client.tokenRevocation(config, given.refresh_token)
await refusedWith('a revoked refresh token is worth nothing', 'invalid_grant', () =>
  client.refreshTokenGrant(config, given.refresh_token, undefined, { DPoP }))
must((await client.tokenIntrospection(config, given.refresh_token)).active === false, 'introspection knows it is over')

// --- logout ---
const fourth = await asked()
const open = await redeem(await browse(await client.buildAuthorizationUrlWithPAR(config, fourth.parameters, { DPoP })), fourth)
const leaving = client.buildEndSessionUrl(config, {
  id_token_hint: open.id_token, post_logout_redirect_uri: task.post_logout_redirect_uri, state: 'farewell' })
const left = await browse(leaving)
must(left.searchParams.get('state') === 'farewell', 'logout leads back with its state', left.href)
await refusedWith('after logout nothing is renewed', 'invalid_grant', () =>
  client.refreshTokenGrant(config, open.refresh_token, undefined, { DPoP }))
await status('after logout the token is refused', 401, () => settled(() => fetched(open.access_token)))

// --- what is not done here ---
const fifth = await asked({ code_challenge_method: 'plain' })
await refusedWith('PKCE without a hash is refused', 'invalid_request', () =>
  client.buildAuthorizationUrlWithPAR(config, fifth.parameters, { DPoP }))
const sixth = await asked({ redirect_uri: `${task.redirect_uri}/elsewhere` })
await refusedWith('another redirect address is refused', 'invalid_request', () =>
  client.buildAuthorizationUrlWithPAR(config, sixth.parameters, { DPoP }))
const seventh = await asked({ response_type: 'code id_token' })
await refusedWith('another response type is refused', 'unsupported_response_type', () =>
  client.buildAuthorizationUrlWithPAR(config, seventh.parameters, { DPoP }))
const pair = await client.randomDPoPKeyPair('ES256')
const otherKey = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])).privateKey
const impostor = await discovered(task.client_id, otherKey)
await refusedWith('another signature is no client', 'invalid_client', () =>
  client.clientCredentialsGrant(impostor, { scope: 'benefits:events' }, {
    DPoP: client.getDPoPHandle(impostor, pair) }))

// --- a machine ---
const machine = await discovered(task.machine_id, key)
const machines = client.getDPoPHandle(machine, pair)
const own = await client.clientCredentialsGrant(machine, { scope: task.machine_scope }, { DPoP: machines })
must(own.token_type === 'dpop', 'a machine holds a bound token', own.token_type)
const seen = await client.fetchProtectedResource(machine, own.access_token, me, 'GET', undefined, undefined, { DPoP: machines })
must((await seen.json()).kind === 'machine', 'a machine is known as one', seen.status)
say({ end: true })
process.exit(0)
