using System.Text.Json;
using Microsoft.AspNetCore.Http;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A server that behaves like FCM's HTTP v1 API and Google's token server as documented.</summary>
public sealed class Fcm : IAsyncDisposable
{
    private const string SendLine = "POST /v1/projects/white-cross-test/messages:send";
    private readonly ProviderServer _server;

    private Fcm(ProviderServer server) => _server = server;

    /// <summary>The answer for a device instead of success.</summary>
    public Dictionary<string, Func<ProviderRequest, HttpContext, Task>> Answers { get; } = [];

    /// <summary>Which of the tokens that were given out it takes: those from this number on.</summary>
    public int FirstGoodToken { get; set; } = 1;

    /// <summary>What was asked of FCM itself.</summary>
    public IEnumerable<ProviderRequest> Sends => _server.Requests.Where(request => request.Line == SendLine);

    public int TokenRequests => _server.Requests.Count(request => request.Line == "POST /token");

    public Dictionary<string, string?> Settings { get; private set; } = [];

    public static async Task<Fcm> StartAsync()
    {
        Fcm? fcm = null;
        var server = await ProviderServer.StartAsync((request, context) => fcm!.AnswerAsync(request, context));
        fcm = new Fcm(server);
        using var rsa = TestKeys.Of(TestParty.Account);
        var key = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["type"] = "service_account",
            ["project_id"] = "white-cross-test",
            ["private_key_id"] = "key-1",
            ["private_key"] = rsa.ExportPkcs8PrivateKeyPem(),
            ["client_email"] = "push@white-cross-test.iam.gserviceaccount.com",
            ["client_id"] = "1",
            ["token_uri"] = new Uri(server.Address, "/token").ToString(),
        });
        fcm.Settings = new() { ["Push:ServiceAccountJson"] = key, ["Push:BaseAddress"] = server.Address.ToString() };
        return fcm;
    }

    /// <summary>An error as FCM words it.</summary>
    public static Func<ProviderRequest, HttpContext, Task> Error(int status, string word, string code, string? retryAfter = null) => ProviderServer.Json(
        status,
        $$$"""
        {"error":{"code":{{{status}}},"message":"Words that may repeat what was sent.","status":"{{{word}}}","details":[
          {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"{{{code}}}"}]}}
        """,
        retryAfter);

    public static string TokenOf(ProviderRequest send)
    {
        using var json = JsonDocument.Parse(send.Body);
        return json.RootElement.GetProperty("message").GetProperty("token").GetString()!;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task AnswerAsync(ProviderRequest request, HttpContext context) =>
        request.Line == "POST /token" ? ProviderServer.Json(200, $$"""{"access_token":"access-{{TokenRequests}}","expires_in":3600,"token_type":"Bearer"}""")(request, context)
        : request.Line != SendLine ? ProviderServer.Json(404, "{}")(request, context)
        : !request.Authorization.StartsWith("Bearer access-", StringComparison.Ordinal)
            || int.Parse(request.Authorization["Bearer access-".Length..], System.Globalization.CultureInfo.InvariantCulture) < FirstGoodToken
            ? ProviderServer.Json(401, """{"error":{"code":401,"message":"Words.","status":"UNAUTHENTICATED"}}""")(request, context)
        : Answers.GetValueOrDefault(TokenOf(request), ProviderServer.Json(200, """{"name":"projects/white-cross-test/messages/1"}"""))(request, context);
}
