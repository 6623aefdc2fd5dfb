import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A vendor's system, from nothing to its first calls in the sandbox. Java 17, nothing else.
 *
 * <pre>java Example.java http://127.0.0.1:8200</pre>
 */
public final class Example {
    private static final String ASSERTION_TYPE =
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public static void main(String[] arguments) throws Exception {
        var house = arguments.length > 0 ? arguments[0] : "http://127.0.0.1:8200";
        var tamaire = new Tamaire(house, new SigningKey());
        var registered = tamaire.register(Map.of(
                "client_name", "まどぐち番号表示",
                "organization_name", "有限会社オホーツクソフト",
                "contacts", List.of("dev@example.co.jp"),
                "scope", "benefits:read window-dx:read window-dx:write"));
        System.out.println("registered " + registered.get("environment") + " "
                + registered.get("municipality_code"));

        var programmes = Json.list(tamaire.call("GET", "/benefits/v1/programmes", null, Map.of()));
        var codes = new TreeSet<String>();
        programmes.forEach(programme -> codes.add((String) programme.get("code")));
        System.out.println("programmes " + String.join(" ", codes));

        var window = Json.list(tamaire.call("GET", "/window-dx/v1/windows", null, Map.of())).get(0);
        var ticket = Json.write(Map.of("window_id", window.get("id"), "matter", "転入の手続き"));
        var once = Map.of("Idempotency-Key", SigningKey.random());
        var first = tamaire.call("POST", "/window-dx/v1/receptions", ticket, once);
        var again = tamaire.call("POST", "/window-dx/v1/receptions", ticket, once);
        System.out.println("ticket " + Json.object(first).get("number") + " same "
                + first.equals(again));

        try {
            tamaire.call("GET", "/benefits/v1/programmes", null,
                    Map.of("Tamaire-Sandbox-Outcome", "503"));
        } catch (Refused refused) {
            System.out.println("refused " + refused.status + " " + refused.problem.get("type")
                    + " retry " + refused.retryAfterSeconds);
            System.out.println(refused.problem.get("title_ja") + " "
                    + refused.problem.get("remedy_ja"));
        }
    }

    /** One client of ours, in one municipality. */
    static final class Tamaire {
        // Without TLS this client would offer HTTP/2 by an Upgrade, which the door does not speak.
        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String house;
        private final SigningKey key;
        private String clientId = "";
        private String municipality = "";
        private String token = "";
        private Instant tokenUntil = Instant.EPOCH;

        Tamaire(String house, SigningKey key) {
            this.house = house;
            this.key = key;
        }

        /** Registers (RFC 7591): a sandbox client, at once. Keep its registration_access_token. */
        Map<String, Object> register(Map<String, Object> metadata) throws Exception {
            var given = new HashMap<>(metadata);
            given.put("jwks", Map.of("keys", List.of(key.publicKey(true))));
            var registered = Json.object(send(HttpRequest.newBuilder(URI.create(house + "/oauth/register"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(Json.write(given)))
                    .build()));
            clientId = (String) registered.get("client_id");
            municipality = (String) registered.get("municipality_code");
            return registered;
        }

        /** Calls an operation; each call carries a fresh proof that the token is ours (RFC 9449). */
        String call(String method, String path, String body, Map<String, String> headers)
                throws Exception {
            var current = currentToken();
            var request = HttpRequest.newBuilder(URI.create(house + path))
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .header("Authorization", "DPoP " + current)
                    .header("DPoP", proof(method, path, Map.of("ath", SigningKey.sha256(current))));
            if (body != null) {
                request.header("Content-Type", "application/json");
            }
            headers.forEach(request::header);
            return send(request.build());
        }

        private String currentToken() throws Exception {
            var now = Instant.now();
            if (now.isBefore(tokenUntil.minusSeconds(30))) {
                return token;
            }
            // Good for a minute and for one use (RFC 7523).
            var assertion = key.sign(Map.of("typ", "JWT", "kid", key.kid()), Map.of(
                    "iss", clientId, "sub", clientId, "aud", house, "jti", SigningKey.random(),
                    "iat", now.getEpochSecond(), "exp", now.getEpochSecond() + 60));
            var form = Map.of(
                    "grant_type", "client_credentials",
                    "client_assertion_type", ASSERTION_TYPE,
                    "client_assertion", assertion).entrySet().stream()
                    .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
            var given = Json.object(send(HttpRequest.newBuilder(URI.create(house + "/oauth/token"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Tamaire-Municipality", municipality)
                    .header("DPoP", proof("POST", "/oauth/token", Map.of()))
                    .POST(BodyPublishers.ofString(form))
                    .build()));
            token = (String) given.get("access_token");
            tokenUntil = now.plusSeconds(((Number) given.get("expires_in")).longValue());
            return token;
        }

        private String proof(String method, String path, Map<String, String> more) throws Exception {
            var claims = new HashMap<String, Object>(more);
            claims.put("jti", SigningKey.random());
            claims.put("htm", method);
            claims.put("htu", house + path.split("\\?")[0]);
            claims.put("iat", Instant.now().getEpochSecond());
            return key.sign(Map.of("typ", "dpop+jwt", "jwk", key.publicKey(false)), claims);
        }

        private String send(HttpRequest request) throws IOException, InterruptedException, Refused {
            var response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= 400) {
                throw new Refused(response);
            }
            return response.body();
        }
    }

    /** A refusal: what happened, what to do, and whether to come back (RFC 9457). */
    static final class Refused extends Exception {
        final int status;
        final Map<String, Object> problem;
        final long retryAfterSeconds;

        Refused(HttpResponse<String> response) {
            super(response.body());
            status = response.statusCode();
            problem = Json.object(response.body());
            retryAfterSeconds = response.headers().firstValueAsLong("Retry-After").orElse(0);
        }
    }

    /** A P-256 key. Keep it in a key store; only its public half leaves. */
    static final class SigningKey {
        private static final SecureRandom RANDOM = new SecureRandom();
        private final KeyPair pair;

        SigningKey() throws GeneralSecurityException {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            pair = generator.generateKeyPair();
        }

        Map<String, Object> publicKey(boolean named) throws GeneralSecurityException {
            var point = ((ECPublicKey) pair.getPublic()).getW();
            var key = new TreeMap<String, Object>(Map.of(
                    "kty", "EC", "crv", "P-256",
                    "x", base64url(bytes(point.getAffineX())),
                    "y", base64url(bytes(point.getAffineY()))));
            if (named) {
                key.put("kid", sha256(Json.write(key))); // RFC 7638: the members in order
            }
            return key;
        }

        String kid() throws GeneralSecurityException {
            return (String) publicKey(true).get("kid");
        }

        /** Returns a compact JWT (ES256: the two numbers of the signature, 32 bytes each). */
        String sign(Map<String, Object> header, Map<String, ?> claims) throws GeneralSecurityException {
            var complete = new HashMap<>(header);
            complete.put("alg", "ES256");
            var text = base64url(Json.write(complete).getBytes(StandardCharsets.UTF_8)) + "."
                    + base64url(Json.write(claims).getBytes(StandardCharsets.UTF_8));
            var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(pair.getPrivate());
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return text + "." + base64url(signature.sign());
        }

        static String random() {
            var bytes = new byte[16];
            RANDOM.nextBytes(bytes);
            return base64url(bytes);
        }

        static String sha256(String text) throws GeneralSecurityException {
            return base64url(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        }

        private static byte[] bytes(BigInteger number) {
            var bytes = new byte[32];
            var found = number.toByteArray();
            var from = Math.max(0, found.length - 32);
            System.arraycopy(found, from, bytes, 32 - found.length + from, found.length - from);
            return bytes;
        }

        private static String base64url(byte[] bytes) {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }

    /** Just enough JSON that the example needs no library; your project will have one. */
    static final class Json {
        private final String text;
        private int place;

        private Json(String text) {
            this.text = text;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(String text) {
            return (Map<String, Object>) new Json(text).value();
        }

        @SuppressWarnings("unchecked")
        static List<Map<String, Object>> list(String text) {
            return (List<Map<String, Object>>) object(text).get("items");
        }

        static String write(Object value) {
            if (value instanceof Map<?, ?> map) {
                return map.entrySet().stream()
                        .map(entry -> write(entry.getKey()) + ":" + write(entry.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            }
            if (value instanceof List<?> list) {
                return list.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
            }
            if (value instanceof String string) {
                return '"' + string.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
            }
            return String.valueOf(value);
        }

        private Object value() {
            return switch (peek()) {
                case '{' -> {
                    var map = new LinkedHashMap<String, Object>();
                    members('}', () -> {
                        var name = string();
                        skip();
                        map.put(name, value());
                    });
                    yield map;
                }
                case '[' -> {
                    var list = new ArrayList<Object>();
                    members(']', () -> list.add(value()));
                    yield list;
                }
                case '"' -> string();
                default -> word();
            };
        }

        private void members(char end, Runnable one) {
            skip();
            while (peek() != end) {
                if (peek() == ',') {
                    skip();
                }
                one.run();
            }
            skip();
        }

        private Object word() {
            var from = place;
            while (place < text.length() && ",]} \n".indexOf(text.charAt(place)) < 0) {
                place++;
            }
            var word = text.substring(from, place);
            return switch (word) {
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> Double.valueOf(word).longValue();
            };
        }

        private String string() {
            peek();
            var found = new StringBuilder();
            for (place++; text.charAt(place) != '"'; place++) {
                found.append(text.charAt(place) == '\\' ? escaped() : text.charAt(place));
            }
            place++;
            return found.toString();
        }

        private char escaped() {
            var letter = text.charAt(++place);
            if (letter == 'u') {
                place += 4;
                return (char) Integer.parseInt(text.substring(place - 3, place + 1), 16);
            }
            var known = "nrtbf".indexOf(letter);
            return known < 0 ? letter : "\n\r\t\b\f".charAt(known);
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(place))) {
                place++;
            }
            return text.charAt(place);
        }

        private void skip() {
            peek();
            place++;
        }
    }
}
