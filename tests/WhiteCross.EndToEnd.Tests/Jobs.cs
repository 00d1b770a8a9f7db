using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>What a publisher does, with nothing but HTTP and JSON.</summary>
internal static class Jobs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static JsonObject SendMessage(Guid recipient, string content = "hello", string? jobId = null)
    {
        var envelope = new JsonObject
        {
            ["type"] = "send-message",
            ["data"] = new JsonObject
            {
                ["messageId"] = Guid.NewGuid().ToString(),
                ["senderId"] = Guid.NewGuid().ToString(),
                ["recipientId"] = recipient.ToString(),
                ["conversationId"] = Guid.NewGuid().ToString(),
                ["content"] = content,
            },
        };
        if (jobId is not null)
        {
            envelope["jobId"] = jobId;
        }

        return envelope;
    }

    public static JsonObject Envelope(string type, JsonObject data) => new() { ["type"] = type, ["data"] = data };

    public static async Task<string> AddAsync(HttpClient gateway, JsonObject envelope, string queue = "message-delivery")
    {
        using var answer = await gateway.PostAsJsonAsync($"/queue/{queue}/jobs", envelope, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!.GetValue<string>();
    }

    public static async Task PublishAsync(HttpClient sidecar, JsonObject envelope, string pubSub = "jobs", string topic = "message-delivery")
    {
        using var answer = await sidecar.PostAsJsonAsync($"/v1.0/publish/{pubSub}/{topic}", envelope, Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>Sends bytes as JSON, whether they are or not.</summary>
    public static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, byte[] body) => SendAsync(client, HttpMethod.Post, path, body);

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        return await client.SendAsync(request, Cancellation);
    }

    /// <summary>Waits until a job is in a state.</summary>
    public static Task<JsonObject> WaitForAsync(HttpClient gateway, string jobId, string state, string queue = "message-delivery") =>
        WaitForAsync(gateway, jobId, record => record["state"]!.GetValue<string>() == state, queue);

    public static async Task<JsonObject> WaitForAsync(HttpClient gateway, string jobId, Func<JsonObject, bool> condition, string queue = "message-delivery")
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        JsonObject? record = null;
        try
        {
            do
            {
                using var answer = await gateway.GetAsync(new Uri($"/queue/{queue}/jobs/{Uri.EscapeDataString(jobId)}", UriKind.Relative), limit.Token);
                record = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonObject>(limit.Token) : null;
                if (record is not null && condition(record))
                {
                    return record;
                }
            }
            while (await timer.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // Said below, with what was seen last.
        }

        throw new TimeoutException($"Job {jobId} did not get there within {Patience}; it was last seen as {record?.ToJsonString() ?? "not on record"}.");
    }
}
