using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>
/// A server in the place of Twilio, of an SMS gateway and of FCM, which has an answer of its own for each number and token: taken, and every way to fail. Whatever it says,
/// it repeats where it was to send to, in each field that it has.
/// </summary>
internal sealed class CanaryProviders : IAsyncDisposable
{
    private const string Account = "AC0123456789abcdef0123456789abcdef";

    private static readonly Answer Taken = to => Json(201, new { sid = to, id = to, name = to });

    private static readonly Answer HungUp = _ => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    // Until whoever asked gives up.
    private static readonly Answer Silent = _ => context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (Answer First, Answer Other)> _answers = new();
    private readonly ConcurrentDictionary<string, int> _seen = new();

    private CanaryProviders(WebApplication app) => _app = app;

    private delegate RequestDelegate Answer(string to);

    /// <summary>What is sent by SMS; each is given a number.</summary>
    public static IReadOnlyList<string> Sms { get; } = ["taken", "refused", "stopped", "unauthorized", "throttled", "away", "away, gateway refuses", "odd", "odd 504", "garbage", "silent", "hung up"];

    /// <summary>What is pushed; each is given a token.</summary>
    public static IReadOnlyList<string> Push { get; } =
        ["taken", "unregistered", "invalid", "mismatch", "unauthorized", "platform", "throttled", "away", "odd code", "garbage", "garbage 500", "silent", "hung up"];

    public static async Task<CanaryProviders> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var providers = new CanaryProviders(app);
        app.MapPost("/token", () => TypedResults.Ok(new { access_token = "t", expires_in = 3600, token_type = "Bearer" }));
        app.MapPost("/2010-04-01/Accounts/{account}/Messages.json", async (HttpContext context) =>
            await providers.AnswerAsync(context, (await context.Request.ReadFormAsync())["To"].ToString(), isOther: false));
        app.MapGet("/gateway/{to}", (HttpContext context, string to) => providers.AnswerAsync(context, to, isOther: true));
        app.MapPost("/v1/projects/{project}/messages:send", async (HttpContext context) =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            await providers.AnswerAsync(context, body.RootElement.GetProperty("message").GetProperty("token").GetString()!, isOther: false);
        });
        await app.StartAsync();
        return providers;
    }

    public Dictionary<string, string?> Settings()
    {
        using var rsa = TestKeys.Of(TestParty.Account);
        var address = _app.Urls.Single();
        return new()
        {
            ["Sms:AccountSid"] = Account,
            ["Sms:AuthToken"] = "token",
            ["Sms:From"] = "+14155550100",
            ["Sms:BaseAddress"] = address,
            ["Sms:Others:0:Name"] = "other",
            ["Sms:Others:0:Method"] = "GET",
            ["Sms:Others:0:Url"] = $"{address}/gateway/{{{{to}}}}?text={{{{text}}}}",
            ["Sms:Others:0:IdAt"] = "/id",
            ["Push:BaseAddress"] = address,
            ["Push:ServiceAccountJson"] = JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["type"] = "service_account",
                ["project_id"] = "white-cross-test",
                ["private_key_id"] = "key-1",
                ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
                ["client_email"] = "push@white-cross-test.iam.gserviceaccount.com",
                ["client_id"] = "1",
                ["token_uri"] = $"{address}/token",
            }),

            // Each is tried: no breaker spares one.
            ["Sms:BreakerMinimumThroughput"] = "10000",
            ["Sms:Others:0:BreakerMinimumThroughput"] = "10000",
            ["Push:BreakerMinimumThroughput"] = "10000",
            // Longer than a busy machine takes to give this server a turn: what came to it and was not seen would be taken for one of those that stay silent.
            ["Sms:Timeout"] = "00:00:10",
            ["Sms:AnswerTimeout"] = "00:00:10",
            ["Push:Timeout"] = "00:00:10",
            ["Push:AnswerTimeout"] = "00:00:10",
            ["Push:OnUnknownOutcome"] = "Fail",
        };
    }

    /// <summary>How often something was to be sent there.</summary>
    public int Seen(string to) => _seen.GetValueOrDefault(to);

    public void AnswerSms(string number, string how) => _answers[number] = how switch
    {
        "taken" => (Taken, Taken),
        "refused" => (Refusal(400, 21211), Taken),
        "stopped" => (Refusal(400, 21610), Taken),
        "unauthorized" => (Refusal(401, 20003), Refusal(401, 1)),
        "throttled" => (Refusal(429, 20429), Refusal(429, 1)),
        "away" => (Refusal(503, 20503), Taken),
        "away, gateway refuses" => (Refusal(500, 20500), Refusal(400, 1)),
        "odd" => (to => Json(418, new { code = to, message = to }), Taken),
        "odd 504" => (Garbage(504), Taken),
        "garbage" => (Garbage(200), Taken),
        "silent" => (Silent, Taken),
        _ => (HungUp, Taken),
    };

    public void AnswerPush(string token, string how)
    {
        Answer answer = how switch
        {
            "taken" => Taken,
            "unregistered" => Error(404, "NOT_FOUND", "UNREGISTERED"),
            "invalid" => Error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
            "mismatch" => Error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
            "unauthorized" => Error(401, "UNAUTHENTICATED", "UNAUTHENTICATED"),
            "platform" => Error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
            "throttled" => Error(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
            "away" => Error(503, "UNAVAILABLE", "UNAVAILABLE"),
            "odd code" => to => Error(400, to, to)(to),
            "garbage" => Garbage(200),
            "garbage 500" => Garbage(500),
            "silent" => Silent,
            _ => HungUp,
        };
        _answers[token] = (answer, answer);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Answer Refusal(int status, int code) => to => Json(status, new { code, message = $"Not '{to}', {to}.", more_info = to, status });

    private static Answer Garbage(int status) => to => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync($"<html>{to}</html>");
    };

    private static Answer Error(int status, string word, string code) => to =>
        Json(status, new { error = new { code = status, message = $"Not {to}.", status = word, details = new[] { new Dictionary<string, string> { ["@type"] = to, ["errorCode"] = code } } } });

    private static RequestDelegate Json(int status, object body) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers["X-Sent-To"] = "somebody";
        return context.Response.WriteAsJsonAsync(body);
    };

    private Task AnswerAsync(HttpContext context, string to, bool isOther)
    {
        _seen.AddOrUpdate(to, 1, (_, count) => count + 1);
        return _answers.TryGetValue(to, out var answers) ? (isOther ? answers.Other : answers.First)(to)(context) : Taken(to)(context);
    }
}
