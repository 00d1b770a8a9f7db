using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Local;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>What Zipkin gets to see of one message.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private const string Words = "The biopsy was benign.";
    private const string Address = "patient.zero@example.org";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private ZipkinCollector? _zipkin;
    private LocalSystem? _system;

    public async ValueTask InitializeAsync()
    {
        _zipkin = await ZipkinCollector.StartAsync();
        var options = SystemFixture.OptionsFor(_data, redis: null);
        _system = await LocalSystem.StartAsync(
            options with { Settings = new Dictionary<string, string?> { ["OTEL_EXPORTER_ZIPKIN_ENDPOINT"] = _zipkin.Endpoint, ["OTEL_BSP_SCHEDULE_DELAY"] = "100" } },
            CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _system!.DisposeAsync();
        await _zipkin!.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task One_messages_spans_are_one_tree_over_all_its_jobs_and_hold_nothing_of_it()
    {
        using var gateway = new HttpClient { BaseAddress = _system!.GatewayAddress };
        var envelope = Jobs.SendMessage(Guid.NewGuid(), Words);
        envelope["data"]!["requiresEncryption"] = true;
        envelope["data"]!["metadata"] = new JsonObject { ["recipientEmail"] = Address };
        var messageId = envelope["data"]!["messageId"]!.GetValue<string>();

        var jobId = await Jobs.AddAsync(gateway, envelope);
        var record = await Jobs.WaitForAsync(gateway, jobId, "completed");
        await WaitForEndAsync(gateway, $"message-notification/jobs/notify:{messageId}:in-app");
        await WaitForEndAsync(gateway, $"message-notification/jobs/notify:{messageId}:email");

        var traceId = record["traceId"]!.GetValue<string>();
        string[] expected =
        [
            "POST /queue/{queue}/jobs", "add send-message", "wait send-message", "attempt send-message", "step push", "step index", "step notify", "POST /internal/encrypt",
            "add send-notification", "wait send-notification", "attempt send-notification",
        ];
        var spans = await SpansAsync(traceId, expected);

        var ids = spans.Select(span => span["id"]!.GetValue<string>()).ToHashSet();
        Assert.Equal(spans.Count, ids.Count);
        var root = Assert.Single(spans, span => span["parentId"] is null); // The request of this test, whose process is the system's.
        Assert.All(spans.Where(span => span != root), span => Assert.Contains(span["parentId"]!.GetValue<string>(), ids));
        var everything = string.Concat(_zipkin!.Spans.Select(span => span.ToJsonString()));
        Assert.DoesNotContain("biopsy", everything, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("patient.zero", everything, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task WaitForEndAsync(HttpClient gateway, string path)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Jobs.Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await gateway.GetAsync(new Uri($"/queue/{path}", UriKind.Relative), patience.Token);
            if (answer.IsSuccessStatusCode
                && (await answer.Content.ReadFromJsonAsync<JsonObject>(patience.Token))!["state"]!.GetValue<string>() is "completed" or "failed")
            {
                return;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    private async Task<List<JsonObject>> SpansAsync(string traceId, string[] expected)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Jobs.Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var spans = _zipkin!.Spans.Where(span => span["traceId"]!.GetValue<string>() == traceId).ToList();
            var names = spans.Select(span => span["name"]!.GetValue<string>()).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var missing = expected.Where(name => !names.Contains(name)).ToList();
            var ids = spans.Select(span => span["id"]!.GetValue<string>()).ToHashSet();
            if (missing.Count == 0 && spans.All(span => span["parentId"] is null || ids.Contains(span["parentId"]!.GetValue<string>())))
            {
                return spans;
            }

            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!Jobs.Cancellation.IsCancellationRequested)
            {
                var orphans = spans.Where(span => span["parentId"] is { } parent && !ids.Contains(parent.GetValue<string>())).Select(span => span["name"]!.GetValue<string>());
                throw new TimeoutException(
                    $"Missing: {string.Join(", ", missing)}. There are: {string.Join(", ", names.Order())}. Without their parents: {string.Join(", ", orphans)}.");
            }
        }
    }
}
