using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using WhiteCross.ServiceDefaults;
using WhiteCross.Testing;

namespace WhiteCross.Access.Tests;

/// <summary>
/// Requests over all routes of all services, made of pieces that clients send by mistake or on purpose: no server error comes of any, but for 503 with its
/// reason. <c>./test.sh --long</c> sends 20,000 of them, other ones each time.
/// </summary>
public sealed class MutatedRequestsTests
{
    /// <summary>Repeats a run: the number that a failure names.</summary>
    private const string SeedVariable = "TEST_SEED";

    // The same requests in every ordinary run; new ones are looked for at night.
    private const int UsualSeed = 20261130;

    private static readonly string[] Ids =
    [
        "0190a0b0-0000-7000-8000-00000000000a", "message-delivery", "nothing", "%ED%A0%80", "%ED%BF%BF", "%00", "%FF%FE", "..%2F..%2Fetc", "%2F", "%25", "%", "%zz", "a%20b", "%0D%0AX:1",
        "%F0%9F%98%80", "-1", "0", "99999999999999999999", "1e5", "null", "''%20or%201=1", "%E2%80%AE", new string('x', 3000), ".", "~", "wc1.abc", "{id}", "$ne",
    ];

    private static readonly string[] Names = ["userId", "limit", "cursor", "q", "state", "grace", "reason", "from", "to", "noSuchName", "a%ED%A0%80", "%00", ""];

    private static readonly string?[] ContentTypes =
    [
        "application/json", "application/json", "application/json", null, "", " ", ";", "text/plain", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/json;charset=",
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/cloudevents+json", "application/x-ndjson", "text/csv",
        "a/b/c", "/", "application/octet-stream", "image/png; name=\"", "application/json\t",
    ];

    private static readonly string[] Headers =
    [
        "Range: bytes=5-1", "Range: bytes=-", "Range: x", "Range: bytes=0-99999999999999999999", "If-None-Match: *", "If-Modified-Since: never", "Accept: nothing/at-all", "Accept: ;", "Last-Event-ID: x\u00ff",
        "traceparent: 00-xyz", "traceparent: 00-00000000000000000000000000000000-0000000000000000-00", "baggage: a=\u0001", "Authorization: Bearer a.b.c", "Authorization: Basic %%%", "X-Api-Key: \u00e9",
        "Cookie: a=b; =; ;", "Accept-Language: zz-ZZ-x", "Upgrade: websocket", "Expect: 100-continue", "dapr-app-id: x", "Sec-WebSocket-Key: x", "Accept-Encoding: br;q=x", "Content-Encoding: gzip",
        "Idempotency-Key: ", "X-Twilio-Signature: x", "Sec-Fetch-Site: cross-site", "Content-Disposition: attachment; filename*=UTF-8''%ED%A0%80",
    ];

    private static readonly string[] Bodies =
    [
        "", "{}", "[]", "null", "\"x\"", "1", "{\"jobs\":[{\"type\":\"send-message\",\"data\":{}}]}", "{\"jobIds\":[\"a\",null,5]}", "{\"channel\":\"email\",\"address\":\"a@example.org\"}",
        "{\"type\":\"send-message\",\"options\":{\"delay\":0,\"priority\":\"HIGH\"},\"data\":{\"messageId\":\"0190a0b0-0000-7000-8000-00000000000a\",\"senderId\":\"0190a0b0-0000-7000-8000-00000000000b\",\"recipientId\":\"0190a0b0-0000-7000-8000-00000000000c\",\"conversationId\":\"0190a0b0-0000-7000-8000-00000000000d\",\"content\":\"x\",\"attachments\":[\"a\"]}}",
        "{\"id\":\"s\",\"cron\":\"0 2 * * *\",\"every\":5,\"job\":{\"data\":{\"cleanupType\":\"old_messages\",\"dryRun\":true}}}", "{\"members\":[\"0190a0b0-0000-7000-8000-00000000000a\"],\"title\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"type\":\"t\",\"source\":\"s\",\"datacontenttype\":\"application/json\",\"data\":{\"jobId\":\"a\",\"type\":\"send-message\"}}",
        "{\"entries\":[{\"entryId\":\"1\",\"event\":{\"data\":{}}}],\"id\":\"x\"}", "{\"data\":{\"senderId\":\"x\",\"recipientIds\":[\"y\"],\"content\":\"{{a}}\"}}", "{\"olderThan\":\"2020-01-01T00:00:00Z\",\"batchSize\":5,\"dryRun\":true}",
        "{\"email\":true,\"quietHours\":{\"from\":\"22:00\",\"to\":\"06:00\",\"timeZone\":\"Mars\"}}", "{\"operation\":\"encrypt\",\"messageId\":\"0190a0b0-0000-7000-8000-00000000000a\",\"content\":\"x\",\"cipherText\":\"wc1.x\",\"keyId\":\"k\"}",
        "--x\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{}\r\n--x\r\nContent-Disposition: form-data; name=\"recipients\"; filename=\"a.csv\"\r\n\r\nrecipientId\r\ny\r\n--x--\r\n",
    ];

    private static readonly string[] Pieces =
    [
        "\\ud800", "\\udc00\\ud800", "\\u0000", "\0", "\"", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "99999999999999999999999", "0.1", "\\", "é", "\ufffe", "\"\\ud800\":1", "/*", "NaN",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\u0001\u0002", "2026-99-99T99:99:99Z", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "{{", "%s",
    ];

    [Fact]
    public async Task No_request_makes_a_server_error_but_503_with_its_reason()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given
            : RandomCases.IsLong ? Random.Shared.Next()
            : UsualSeed;
        TestContext.Current.SendDiagnosticMessage($"Mutated requests of {SeedVariable}={seed}");
        await using var system = await GuardedSystem.StartAsync(Generous);
        var targets = system.AppIds.Order().SelectMany(appId => system.EndpointsOf(appId).Select(route => new Target(appId, route))).OrderBy(target => $"{target}", StringComparer.Ordinal).ToList();
        Assert.True(targets.Count > 100, $"Only {targets.Count} routes.");
        var wrong = new ConcurrentBag<string>();

        await Parallel.ForAsync(0, RandomCases.Count(1000), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (i, cancellation) =>
        {
            var random = new Random(unchecked((seed * 31) + i));
            var target = targets[random.Next(targets.Count)];
            var request = RequestOf(random, target, system.System.AppTokenOf(target.AppId));
            var answer = await SendAsync(system.AddressOf(target.AppId), request, cancellation);
            if (Problem(answer) is { } problem)
            {
                wrong.Add($"{target} ({i}): {problem}\n{Encoding.Latin1.GetString(request)}");
            }
        });

        Assert.True(wrong.IsEmpty, $"{SeedVariable}={seed}: {wrong.Count} wrong\n\n{string.Join("\n\n", wrong.Order(StringComparer.Ordinal).Take(15))}");
        foreach (var appId in system.AppIds)
        {
            using var health = await system.Client.GetAsync(new Uri(system.AddressOf(appId), "/healthz"), TestContext.Current.CancellationToken);
            Assert.True(health.IsSuccessStatusCode, appId);
        }
    }

    private static (string Key, string? Value)[] Generous =>
    [
        ("Access:FailuresPerMinute", "1000000"), ("Access:RequestsPerSecond", "1000000"), ("Access:RequestsPerSecondOfUser", "1000000"), ("Access:RequestsPerSecondOfAddress", "1000000"),
        ("Access:StreamsOfCaller", "100000"),
    ];

    private static string? Problem(string answer)
    {
        var line = answer.Split("\r\n", 2)[0];
        return !line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? $"no answer: '{line}'"
            : line[9] != '5' ? null
            : line.StartsWith("HTTP/1.1 503", StringComparison.Ordinal) && answer.Contains("\"detail\":\"", StringComparison.Ordinal) ? null
            : answer.Length > 1500 ? answer[..1500] : answer;
    }

    private static byte[] RequestOf(Random random, Target target, string token)
    {
        var method = random.Next(12) == 0 ? Pick(random, ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]) : MatrixTests.MethodOf(target.Route);
        var text = new StringBuilder($"{method} {PathOf(random, target.Route.RoutePattern)}{QueryOf(random, target.Route)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if (target.Route.Metadata.GetMetadata<Door>()?.Kind == DoorKind.Sidecar && random.Next(20) > 0)
        {
            text.Append($"dapr-api-token: {token}\r\n");
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            text.Append($"{Pick(random, Headers)}\r\n");
        }

        byte[] body = method is "GET" or "HEAD" && random.Next(5) > 0 ? [] : BodyOf(random);
        if (Pick(random, ContentTypes) is { } contentType && (body.Length > 0 || random.Next(3) == 0))
        {
            text.Append($"Content-Type: {contentType}\r\n");
        }

        if (random.Next(25) == 0)
        {
            // What is no chunk follows.
            return [.. Encoding.Latin1.GetBytes(text.Append("Transfer-Encoding: chunked\r\n\r\n").ToString()), .. body, .. "\r\nzz\r\n"u8];
        }

        text.Append(body.Length > 0 || method is not ("GET" or "HEAD") ? $"Content-Length: {body.Length}\r\n\r\n" : "\r\n");
        return [.. Encoding.Latin1.GetBytes(text.ToString()), .. body];
    }

    private static string PathOf(Random random, RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { Name: "queue" } when random.Next(6) > 0 => Pick(random, ["message-delivery", "message-cleanup", "batch-message-sending"]),
        RoutePatternParameterPart { Name: "channel" } when random.Next(3) > 0 => "email",
        _ => random.Next(2) == 0 ? Ids[0] : Pick(random, Ids),
    }))));

    private static string QueryOf(Random random, RouteEndpoint route)
    {
        var known = StrictRequests.ParametersOf(route) ?? Names;
        var parameters = new List<string>();
        if (known.Contains("userId", StringComparer.Ordinal) && random.Next(5) > 0)
        {
            parameters.Add($"userId={Ids[0]}");
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            parameters.Add($"{(known.Count > 0 && random.Next(5) > 0 ? Pick(random, [.. known]) : Pick(random, Names))}={Pick(random, Ids)}");
        }

        return parameters.Count == 0 ? string.Empty : $"?{string.Join('&', parameters)}";
    }

    private static byte[] BodyOf(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Pick(random, Bodies)).ToList();
        for (var i = random.Next(4); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            bytes.RemoveRange(at, Math.Min(random.Next(12), bytes.Count - at));
            var added = new byte[random.Next(4)];
            random.NextBytes(added);
            bytes.InsertRange(at, random.Next(4) > 0 ? Encoding.UTF8.GetBytes(Pick(random, Pieces)) : added);
        }

        return [.. bytes];
    }

    private static T Pick<T>(Random random, T[] all) => all[random.Next(all.Length)];

    // A stream of events goes on for ever: what comes first is enough.
    private static async Task<string> SendAsync(Uri address, byte[] request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        await using var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (IOException)
        {
            // Answered and closed before all of it was sent.
        }

        var answer = new byte[8192];
        var length = 0;
        try
        {
            while (length < answer.Length && await stream.ReadAsync(answer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                if (length > 9 && answer[9] != '5')
                {
                    break;
                }
            }
        }
        catch (IOException)
        {
            // Closed while it was read, or before, with what was not taken of the request: a service that died of it is found at the end.
            return length > 0 ? Encoding.Latin1.GetString(answer, 0, length) : "HTTP/1.1 400 closed";
        }

        return Encoding.Latin1.GetString(answer, 0, length);
    }

    private sealed record Target(string AppId, RouteEndpoint Route)
    {
        public override string ToString() => $"{AppId} {MatrixTests.MethodOf(Route)} {Route.RoutePattern.RawText}";
    }
}
