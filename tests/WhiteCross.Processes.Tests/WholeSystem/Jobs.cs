using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Processes.Tests.WholeSystem;

/// <summary>What a publisher does, with nothing but HTTP and JSON.</summary>
internal static class Jobs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static string NewId() => Guid.NewGuid().ToString();

    public static JsonObject Message(string content = "hello", bool encrypted = false) => new()
    {
        ["messageId"] = NewId(),
        ["senderId"] = NewId(),
        ["recipientId"] = NewId(),
        ["conversationId"] = NewId(),
        ["content"] = content,
        ["requiresEncryption"] = encrypted,
    };

    public static JsonObject Envelope(string type, JsonObject data) => new() { ["type"] = type, ["data"] = data };

    public static async Task<string> AddAsync(HttpClient gateway, string queue, JsonObject envelope)
    {
        using var answer = await gateway.PostAsJsonAsync($"/queue/{queue}/jobs", envelope, Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancellation)}");
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["jobId"]!.GetValue<string>();
    }

    public static Task<JsonObject> GetAsync(HttpClient gateway, string path) => gateway.GetFromJsonAsync<JsonObject>(new Uri(path, UriKind.Relative), Cancellation)!;

    /// <summary>Waits until a job is completed; one that failed ends the test with its record.</summary>
    public static async Task<JsonObject> CompletedAsync(HttpClient gateway, string queue, string jobId)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        JsonObject? record = null;
        try
        {
            do
            {
                using var answer = await gateway.GetAsync(new Uri($"/queue/{queue}/jobs/{Uri.EscapeDataString(jobId)}", UriKind.Relative), limit.Token);
                record = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonObject>(limit.Token) : null;
                switch (record?["state"]?.GetValue<string>())
                {
                    case "completed":
                        return record;
                    case "failed":
                        throw new InvalidOperationException($"The job failed: {record.ToJsonString()}");
                }
            }
            while (await timer.WaitForNextTickAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            // Said below, with what was seen last.
        }

        throw new TimeoutException($"{queue}: job {jobId} was not completed within {Patience}; last seen as {record?.ToJsonString() ?? "not on record"}.");
    }
}
