using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>The gateway's requests about queues and their jobs. Answers can be had as they came: who shows them to people shows also what this version does not know.</summary>
internal sealed class QueueRequests(GatewayTransport transport)
{
    // As many as the gateway gives, and takes, at once.
    private const int MostAtOnce = 1000;

    public Task<Answer<MetricsReport>> MetricsAsync(CancellationToken cancellationToken) => ReadAsync("queue/metrics", JobsJsonContext.Default.MetricsReport, cancellationToken);

    public Task<Answer<QueueMetrics>> MetricsAsync(string queue, CancellationToken cancellationToken) => ReadAsync(PathOf(queue, "metrics"), JobsJsonContext.Default.QueueMetrics, cancellationToken);

    public Task<Answer<HealthReport>> HealthAsync(CancellationToken cancellationToken) => VerdictAsync("queue/health", JobsJsonContext.Default.HealthReport, cancellationToken);

    public Task<Answer<QueueHealth>> HealthAsync(string queue, CancellationToken cancellationToken) => VerdictAsync(PathOf(queue, "health"), JobsJsonContext.Default.QueueHealth, cancellationToken);

    public Task<Answer<WorkersReport>> WorkersAsync(CancellationToken cancellationToken) => ReadAsync("queue/workers", JobsJsonContext.Default.WorkersReport, cancellationToken);

    public Task<Answer<QueueWorkers>> WorkersAsync(string queue, CancellationToken cancellationToken) => ReadAsync(PathOf(queue, "workers"), JobsJsonContext.Default.QueueWorkers, cancellationToken);

    public Task<Answer<QueueHistory>> HistoryAsync(string queue, int minutes, CancellationToken cancellationToken) =>
        ReadAsync(PathOf(queue, "history") + GatewayTransport.QueryOf(("minutes", Text(minutes))), JobsJsonContext.Default.QueueHistory, cancellationToken);

    public Task<Answer<QueueTrend>> TrendAsync(string queue, string span, CancellationToken cancellationToken) =>
        ReadAsync(PathOf(queue, "trend") + GatewayTransport.QueryOf(("span", span)), JobsJsonContext.Default.QueueTrend, cancellationToken);

    /// <summary>The jobs of a queue, newest first, without what they are about.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="atOnce">How many are wanted at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<Answer<JobRecord>> JobsAsync(string queue, JobFilter filter, int atOnce, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var query = GatewayTransport.QueryOf(
                ("data", "false"),
                ("limit", Text(Math.Min(atOnce, MostAtOnce))),
                ("state", filter.State is { } state ? Word(state) : null),
                ("type", filter.Type),
                ("priority", filter.Priority is { } priority ? Word(priority) : null),
                ("text", filter.Text),
                ("from", filter.From?.ToString("O", CultureInfo.InvariantCulture)),
                ("to", filter.To?.ToString("O", CultureInfo.InvariantCulture)),
                ("cursor", cursor));
            var answer = await transport.ExchangeAsync(HttpMethod.Get, PathOf(queue, "jobs") + query, null, cancellationToken);
            var page = answer.EnsureDocument().Json;
            foreach (var job in Answer.Read(() => page!.Value.GetProperty("jobs").EnumerateArray().ToList()))
            {
                yield return new Answer<JobRecord>(job, JobsJsonContext.Default.JobRecord);
            }

            cursor = page!.Value.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
    }

    /// <summary>A job's record without what it is about; null when there is none.</summary>
    public async Task<Answer<JobRecord>?> FindAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var answer = await transport.ExchangeAsync(HttpMethod.Get, $"{PathOf(queue, "jobs", jobId)}?data=false", null, cancellationToken);
        return answer.IsNotFound ? null : answer.As(JobsJsonContext.Default.JobRecord);
    }

    /// <summary>Changes a job: <c>retry</c>, <c>promote</c> or <c>cancel</c>.</summary>
    public async Task<Answer<JobRecord>> ChangeAsync(string queue, string jobId, string action, CancellationToken cancellationToken) =>
        (await transport.ExchangeAsync(HttpMethod.Post, PathOf(queue, "jobs", jobId, action), null, cancellationToken)).As(JobsJsonContext.Default.JobRecord);

    public Task RemoveAsync(string queue, string jobId, string? reason, CancellationToken cancellationToken) =>
        transport.SendAsync(HttpMethod.Delete, PathOf(queue, "jobs", jobId) + GatewayTransport.QueryOf(("reason", reason)), null, cancellationToken);

    /// <summary>Retries failed jobs.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="jobIds">Which; null for all that have failed.</param>
    /// <param name="undoSeconds">For how long it can be undone; 0: it runs at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the gateway says of each request: how many, or the retry that it holds.</returns>
    public async IAsyncEnumerable<Answer<ChangedJobs>> RetryFailedAsync(
        string queue, IEnumerable<string>? jobIds, int undoSeconds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = PathOf(queue, "failed", "retry") + GatewayTransport.QueryOf(("undoSeconds", Text(undoSeconds)));
        if (jobIds is null)
        {
            yield return await RetryAsync(null);
            yield break;
        }

        foreach (var ids in jobIds.Chunk(MostAtOnce))
        {
            yield return await RetryAsync(JsonBody.Of(new JsonObject { ["jobIds"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]) }));
        }

        async Task<Answer<ChangedJobs>> RetryAsync(HttpContent? body) =>
            (await transport.ExchangeAsync(HttpMethod.Post, path, body, cancellationToken)).As(ClientJsonContext.Default.ChangedJobs);
    }

    /// <summary>Changes a queue: <c>pause</c> or <c>resume</c>.</summary>
    public Task<JsonNode> ChangeAsync(string queue, string action, CancellationToken cancellationToken) =>
        transport.SendAsync(HttpMethod.Post, PathOf(queue, action), null, cancellationToken);

    public async Task<Answer<ChangedJobs>> CleanAsync(string queue, TimeSpan grace, CancellationToken cancellationToken)
    {
        var path = PathOf(queue, "clean") + GatewayTransport.QueryOf(("grace", Text((long)grace.TotalMilliseconds)));
        return (await transport.ExchangeAsync(HttpMethod.Post, path, null, cancellationToken)).As(ClientJsonContext.Default.ChangedJobs);
    }

    /// <summary>Every change of state of the jobs of a queue, or of all; see <see cref="JobEventStreams.WatchAsync"/>.</summary>
    public async IAsyncEnumerable<ReceivedEvent> WatchAsync(string? queue, Action? lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (queue is not null)
        {
            // The stream is of all queues: what is not there would be waited for in vain.
            await MetricsAsync(queue, cancellationToken);
        }

        await foreach (var received in transport.WatchAsync("queue/events", lost, cancellationToken))
        {
            if (queue is null || received.Event.Queue == queue)
            {
                yield return received;
            }
        }
    }

    /// <summary>What happens to a job until it has ended.</summary>
    public async IAsyncEnumerable<ReceivedEvent> WatchJobAsync(string queue, string jobId, Action? lost, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var received in transport.WatchAsync(PathOf(queue, "jobs", jobId, "events"), lost, cancellationToken))
        {
            yield return received;
            if (received.Event.IsEnd)
            {
                yield break;
            }
        }
    }

    private static string PathOf(string queue, params string[] parts) => GatewayTransport.PathOf(["queue", queue, .. parts]);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private async Task<Answer<T>> ReadAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        (await transport.ExchangeAsync(HttpMethod.Get, path, null, cancellationToken)).As(type);

    // 503 with a verdict is an answer; 503 without one is the gateway's own trouble.
    private async Task<Answer<T>> VerdictAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var answer = await transport.ExchangeAsync(HttpMethod.Get, path, null, cancellationToken);
        return answer.Json is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("checkedAt", out _) ? new Answer<T>(json, type) : answer.As(type);
    }
}
