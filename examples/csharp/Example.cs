using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

/// <summary>
/// A vendor's system, from nothing to its first calls in the sandbox. .NET Core 3.1 or later,
/// nothing else: <c>dotnet run -- http://127.0.0.1:8200</c>
/// </summary>
public static class Example
{
    public static void Main(string[] arguments)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        Run(arguments.Length > 0 ? arguments[0] : "http://127.0.0.1:8200").GetAwaiter().GetResult();
    }

    private static async Task Run(string house)
    {
        var tamaire = new Tamaire(house, new SigningKey());
        var registered = await tamaire.Register(new Dictionary<string, object>
        {
            ["client_name"] = "まどぐち番号表示",
            ["organization_name"] = "有限会社オホーツクソフト",
            ["contacts"] = new[] { "dev@example.co.jp" },
            ["scope"] = "benefits:read window-dx:read window-dx:write",
        });
        Console.WriteLine("registered " + registered.GetProperty("environment") + " "
            + registered.GetProperty("municipality_code"));

        var programmes = await Items(tamaire, "/benefits/v1/programmes");
        var codes = programmes.Select(one => one.GetProperty("code").GetString());
        Console.WriteLine("programmes " + string.Join(" ", codes.OrderBy(code => code, StringComparer.Ordinal)));

        var window = (await Items(tamaire, "/window-dx/v1/windows")).First();
        var ticket = new Dictionary<string, object>
        {
            ["window_id"] = window.GetProperty("id").GetString(),
            ["matter"] = "転入の手続き",
        };
        var once = new Dictionary<string, string> { ["Idempotency-Key"] = SigningKey.Random() };
        var first = await tamaire.Call(HttpMethod.Post, "/window-dx/v1/receptions", ticket, once);
        var again = await tamaire.Call(HttpMethod.Post, "/window-dx/v1/receptions", ticket, once);
        Console.WriteLine("ticket " + Parse(first).GetProperty("number") + " same "
            + (first == again ? "true" : "false"));

        var wish = new Dictionary<string, string> { ["Tamaire-Sandbox-Outcome"] = "503" };
        try
        {
            await tamaire.Call(HttpMethod.Get, "/benefits/v1/programmes", null, wish);
        }
        catch (Refused refused)
        {
            Console.WriteLine("refused " + refused.Status + " " + refused.Problem.GetProperty("type")
                + " retry " + refused.RetryAfter.TotalSeconds);
            Console.WriteLine(refused.Problem.GetProperty("title_ja") + " "
                + refused.Problem.GetProperty("remedy_ja"));
        }
    }

    private static async Task<IEnumerable<JsonElement>> Items(Tamaire tamaire, string path)
    {
        var body = await tamaire.Call(HttpMethod.Get, path);
        return Parse(body).GetProperty("items").EnumerateArray();
    }

    internal static JsonElement Parse(string text)
    {
        using (var document = JsonDocument.Parse(text))
        {
            return document.RootElement.Clone();
        }
    }
}

/// <summary>One client of ours, in one municipality.</summary>
public sealed class Tamaire
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private readonly HttpClient http = new HttpClient();
    private readonly string house;
    private readonly SigningKey key;
    private string clientId = "";
    private string municipality = "";
    private string token = "";
    private DateTimeOffset tokenUntil = DateTimeOffset.MinValue;

    public Tamaire(string house, SigningKey key)
    {
        this.house = house;
        this.key = key;
    }

    /// <summary>Registers (RFC 7591): a sandbox client, at once. Keep its registration_access_token.</summary>
    public async Task<JsonElement> Register(Dictionary<string, object> metadata)
    {
        var given = new Dictionary<string, object>(metadata)
        {
            ["jwks"] = new Dictionary<string, object> { ["keys"] = new[] { key.Public(named: true) } },
        };
        var request = new HttpRequestMessage(HttpMethod.Post, house + "/oauth/register") { Content = Body(given) };
        var registered = Example.Parse(await Send(request));
        clientId = registered.GetProperty("client_id").GetString();
        municipality = registered.GetProperty("municipality_code").GetString();
        return registered;
    }

    /// <summary>Calls an operation; each call carries a fresh proof that the token is ours (RFC 9449).</summary>
    public async Task<string> Call(
        HttpMethod method, string path, object body = null, Dictionary<string, string> headers = null)
    {
        var current = await CurrentToken();
        var request = new HttpRequestMessage(method, house + path) { Content = body == null ? null : Body(body) };
        request.Headers.TryAddWithoutValidation("Authorization", "DPoP " + current);
        request.Headers.Add("DPoP", Proof(method, path, current));
        foreach (var header in headers ?? new Dictionary<string, string>())
        {
            request.Headers.Add(header.Key, header.Value);
        }
        return await Send(request);
    }

    private async Task<string> CurrentToken()
    {
        var now = DateTimeOffset.UtcNow;
        if (now < tokenUntil.AddSeconds(tokenUntil == DateTimeOffset.MinValue ? 0 : -30))
        {
            return token;
        }
        var assertion = key.Sign(
            new Dictionary<string, object> { ["typ"] = "JWT", ["kid"] = key.Kid },
            new Dictionary<string, object> // good for a minute and for one use (RFC 7523)
            {
                ["iss"] = clientId,
                ["sub"] = clientId,
                ["aud"] = house,
                ["jti"] = SigningKey.Random(),
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = now.ToUnixTimeSeconds() + 60,
            });
        var request = new HttpRequestMessage(HttpMethod.Post, house + "/oauth/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_assertion_type"] = AssertionType,
                ["client_assertion"] = assertion,
            }),
        };
        request.Headers.Add("Tamaire-Municipality", municipality);
        request.Headers.Add("DPoP", Proof(HttpMethod.Post, "/oauth/token"));
        var given = Example.Parse(await Send(request));
        token = given.GetProperty("access_token").GetString();
        tokenUntil = now.AddSeconds(given.GetProperty("expires_in").GetInt32());
        return token;
    }

    private string Proof(HttpMethod method, string path, string forToken = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["jti"] = SigningKey.Random(),
            ["htm"] = method.Method,
            ["htu"] = house + path.Split('?')[0],
            ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        };
        if (forToken != null)
        {
            claims["ath"] = SigningKey.Sha256(forToken);
        }
        var header = new Dictionary<string, object> { ["typ"] = "dpop+jwt", ["jwk"] = key.Public(named: false) };
        return key.Sign(header, claims);
    }

    private async Task<string> Send(HttpRequestMessage request)
    {
        using (var response = await http.SendAsync(request))
        {
            var body = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                throw new Refused((int)response.StatusCode, body, response.Headers.RetryAfter?.Delta);
            }
            return body;
        }
    }

    private static HttpContent Body(object value)
    {
        return new StringContent(JsonSerializer.Serialize(value), Encoding.UTF8, "application/json");
    }
}

/// <summary>A refusal: what happened, what to do, and whether to come back (RFC 9457).</summary>
public sealed class Refused : Exception
{
    public Refused(int status, string body, TimeSpan? retryAfter)
        : base(body)
    {
        Status = status;
        Problem = Example.Parse(body);
        RetryAfter = retryAfter ?? TimeSpan.Zero;
    }

    public int Status { get; }

    public JsonElement Problem { get; }

    public TimeSpan RetryAfter { get; }
}

/// <summary>A P-256 key. Keep it in a key store; only its public half leaves.</summary>
public sealed class SigningKey
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Kid => Sha256(JsonSerializer.Serialize(Public(named: false))); // RFC 7638

    public SortedDictionary<string, string> Public(bool named)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["crv"] = "P-256",
            ["kty"] = "EC",
            ["x"] = Base64Url(point.X),
            ["y"] = Base64Url(point.Y),
        };
        if (named)
        {
            members["kid"] = Kid;
        }
        return members;
    }

    /// <summary>Returns a compact JWT (ES256: the two numbers of the signature, 32 bytes each).</summary>
    public string Sign(Dictionary<string, object> header, Dictionary<string, object> claims)
    {
        header["alg"] = "ES256";
        var parts = new[] { header, claims }.Select(part => Base64Url(JsonSerializer.SerializeToUtf8Bytes(part)));
        var text = string.Join(".", parts);
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256);
        return text + "." + Base64Url(signature);
    }

    public static string Random()
    {
        var bytes = new byte[16];
        using (var generator = RandomNumberGenerator.Create())
        {
            generator.GetBytes(bytes);
        }
        return Base64Url(bytes);
    }

    public static string Sha256(string text)
    {
        using (var hash = SHA256.Create())
        {
            return Base64Url(hash.ComputeHash(Encoding.UTF8.GetBytes(text)));
        }
    }

    private static string Base64Url(byte[] bytes)
    {
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
