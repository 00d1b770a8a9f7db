using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>The client over HTTP: to the gateway, or to the sidecar, which invokes the gateway or publishes events.</summary>
internal sealed class JobsClient(HttpClient http, IOptions<JobsClientOptions> options, TimeProvider? time = null) : IJobsClient
{
    private const int LargestBulk = 1000;

    // With the pauses between them, and the gateway's own patience, some half a minute.
    private const int MostAdds = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public async Task<AddedJob> AddAsync<TData>(TData data, JobOptions? asked, string? jobId, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        ArgumentNullException.ThrowIfNull(data);
        var queue = QueueOf(TData.JobType);
        jobId ??= NewId();
        var envelope = Write(queue, new JobToAdd<TData>(data, asked, jobId), field: string.Empty);
        if (options.Value.PublishEvents)
        {
            var lane = JobLanes.Of(asked?.Priority ?? JobPriority.Normal);
            using var published = await SendAsync(HttpMethod.Post, $"v1.0/publish/{lane.PubSub}/{lane.TopicOf(queue.Name)}", envelope, cancellationToken);
            await EnsureAsync(published, cancellationToken);
            return new AddedJob(queue.Name, jobId, IsNew: null);
        }

        var (answer, isRepeated) = await AddRepeatedlyAsync(Path($"queue/{queue.Name}/jobs"), envelope, jobId, cancellationToken);
        using (answer)
        {
            // One that was there when the request was repeated may be the first try's.
            return new AddedJob(queue.Name, jobId, answer.StatusCode == HttpStatusCode.Accepted ? true : isRepeated ? null : false);
        }
    }

    public async Task<IReadOnlyList<string>> AddBulkAsync<TData>(IEnumerable<JobToAdd<TData>> jobs, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var queue = QueueOf(TData.JobType);
        var named = jobs.Select(job => job with { JobId = job.JobId ?? NewId() }).ToList();
        // All of them before the first request: either every one can be added or none is.
        var envelopes = named.Select((job, i) => Write(queue, job, field: $"jobs[{i}].")).ToList();
        if (options.Value.PublishEvents)
        {
            foreach (var lane in named.Zip(envelopes).GroupBy(job => JobLanes.Of(job.First.Options?.Priority ?? JobPriority.Normal)))
            {
                foreach (var chunk in lane.Chunk(LargestBulk / 10)) // As many as daprd publishes at once.
                {
                    // Dapr has it as v1.0 only from 1.17 on: before, that would be a topic of a component called "bulk".
                    using var published = await SendAsync(
                        HttpMethod.Post, $"v1.0-alpha1/publish/bulk/{lane.Key.PubSub}/{lane.Key.TopicOf(queue.Name)}", WriteEntries(chunk), cancellationToken);
                    await EnsureAsync(published, cancellationToken);
                }
            }
        }
        else
        {
            var sent = 0;
            foreach (var chunk in envelopes.Chunk(LargestBulk))
            {
                var (answer, _) = await AddRepeatedlyAsync(Path($"queue/{queue.Name}/jobs/bulk"), WriteBulk(chunk), null, cancellationToken);
                using (answer)
                {
                    await EnsureAllAsync(answer, sent, cancellationToken);
                }

                sent += chunk.Length;
            }
        }

        return [.. named.Select(job => job.JobId!)];
    }

    public async Task<JobRecord?> FindAsync(string queue, string jobId, CancellationToken cancellationToken) => (await LookAsync(queue, jobId, cancellationToken)).Record;

    public async Task<JobRecord> WaitForEndAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        JobRecord? last = null;
        while (true)
        {
            try
            {
                var (record, remains) = await LookAsync(queue, jobId, cancellationToken);
                if (record is not null)
                {
                    last = record;
                    if (record.State is JobState.Completed or JobState.Failed)
                    {
                        return record;
                    }

                    if (await WatchAsync(queue, jobId, cancellationToken) is { } end)
                    {
                        // A job that asked to be forgotten has no record any more: what is known of it is its last record, and how it ended.
                        return await FindAsync(queue, jobId, cancellationToken) ?? record with { State = end.State, FinishedAt = end.At };
                    }
                }
                else if (remains is { } state)
                {
                    return (last ?? Forgotten(queue, jobId)) with { State = state };
                }
                else if (last is not null)
                {
                    throw new JobsRemovedException(queue, jobId);
                }
            }
            catch (JobsUnavailableException)
            {
                // The gateway starts anew, or is not there yet.
            }

            await Task.Delay(pause, _time, cancellationToken);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    public async Task<bool> CancelAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"{JobPath(queue, jobId)}/cancel", null, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }

        await EnsureAsync(answer, cancellationToken);
        return true;
    }

    // What is known of a job whose record has gone before it was looked at.
    private static JobRecord Forgotten(string queue, string jobId) => new()
    {
        JobId = jobId,
        Queue = queue,
        Type = JobQueues.TryGet(queue, out var definition) ? definition.DefaultJobType ?? string.Empty : string.Empty,
        State = JobState.Completed,
    };

    /// <summary>Looks for a job: its record, or how it ended where only that is known any more.</summary>
    private async Task<(JobRecord? Record, JobState? Remains)> LookAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, JobPath(queue, jobId), null, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.NotFound)
        {
            await EnsureAsync(answer, cancellationToken);
            return (await answer.Content.ReadFromJsonAsync(JobsJsonContext.Default.JobRecord, cancellationToken), null);
        }

        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return (null, null);
        }

        using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        return (null, problem.RootElement.TryGetProperty("remains", out var remains)
            ? remains.ValueEquals("completed") ? JobState.Completed : remains.ValueEquals("failed") ? JobState.Failed : null
            : null);
    }

    private static QueueDefinition QueueOf(string jobType) => JobQueues.All.First(queue => queue.Takes(jobType));

    /// <summary>Writes an envelope and reads it as the queue will, so that what is wrong is known here.</summary>
    private static byte[] Write<TData>(QueueDefinition queue, JobToAdd<TData> job, string field)
        where TData : class, IJobData
    {
        var json = JobsJsonContext.Default;
        var envelope = JsonSerializer.SerializeToUtf8Bytes(
            new JobEnvelope
            {
                JobId = job.JobId,
                Type = TData.JobType,
                Data = JsonSerializer.SerializeToElement(job.Data, json.GetTypeInfo(typeof(TData))!),
                Options = job.Options,
            },
            json.JobEnvelope);
        var reading = JobEnvelopeReader.Default.Read(queue, envelope);
        if (reading.IsTooLarge)
        {
            throw new JobsValidationException(new Dictionary<string, string[]> { [$"{field}data"] = ["is larger than 1 MiB: put large content elsewhere and send a reference."] });
        }

        return reading.IsValid
            ? envelope
            : throw new JobsValidationException(reading.Errors.ToDictionary(error => field + error.Key, error => error.Value));
    }

    private static byte[] WriteBulk(IEnumerable<byte[]> envelopes)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("jobs");
            foreach (var envelope in envelopes)
            {
                writer.WriteRawValue(envelope, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static byte[] WriteEntries<TData>(IEnumerable<(JobToAdd<TData> Job, byte[] Envelope)> jobs)
        where TData : class, IJobData
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartArray();
            foreach (var (job, envelope) in jobs)
            {
                writer.WriteStartObject();
                writer.WriteString("entryId", job.JobId);
                writer.WriteString("contentType", "application/json");
                writer.WritePropertyName("event");
                writer.WriteRawValue(envelope, skipInputValidation: true);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return stream.ToArray();
    }

    private string NewId() => Guid.CreateVersion7(_time.GetUtcNow()).ToString();

    private string Path(string path) => options.Value.Gateway is null ? $"v1.0/invoke/{options.Value.GatewayAppId}/method/{path}" : path;

    private string JobPath(string queue, string jobId) => Path($"queue/{Uri.EscapeDataString(queue)}/jobs/{Uri.EscapeDataString(jobId)}");

    /// <summary>
    /// Adds, and asks again with the same ids while it is not known whether the jobs were added: that adds none of them twice.
    /// </summary>
    private async Task<(HttpResponseMessage Answer, bool IsRepeated)> AddRepeatedlyAsync(string path, byte[] body, string? jobId, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await SendAsync(HttpMethod.Post, path, body, cancellationToken);
                try
                {
                    await EnsureAsync(answer, cancellationToken);
                    return (answer, attempt > 1);
                }
                catch
                {
                    answer.Dispose();
                    throw;
                }
            }
            catch (JobsUnavailableException exception) when (exception.IsOutcomeUnknown)
            {
                if (attempt == MostAdds)
                {
                    throw new JobsUnavailableException($"{exception.Message} Adding the same with the same id again is safe.", exception) { IsOutcomeUnknown = true, JobId = jobId };
                }
            }
            catch (JobsUnavailableException exception) when (attempt > 1)
            {
                // The last try surely did nothing; an earlier one may have.
                throw new JobsUnavailableException(exception.Message, exception) { IsOutcomeUnknown = true, JobId = jobId };
            }

            await Task.Delay(pause, _time, cancellationToken);
            pause *= 4;
        }
    }

    /// <summary>Reads a job's events until it has ended or the stream breaks off.</summary>
    /// <returns>How it ended; null when the stream did not say.</returns>
    private async Task<(JobState State, DateTimeOffset At)?> WatchAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{JobPath(queue, jobId)}/events", null, cancellationToken, HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode)
        {
            return null;
        }

        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var change in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            {
                if (change.EventType == "removed")
                {
                    return null;
                }

                if (change.EventType == "state" && ReadEnd(change.Data) is { } end)
                {
                    return end;
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new JobsUnavailableException("The stream of a job's events broke off.", exception);
        }
    }

    private static (JobState State, DateTimeOffset At)? ReadEnd(string data)
    {
        using var change = JsonDocument.Parse(data);
        var state = change.RootElement.GetProperty("state").Deserialize(JobsJsonContext.Default.JobState);
        return state is JobState.Completed or JobState.Failed ? (state, change.RootElement.GetProperty("at").GetDateTimeOffset()) : null;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            return await http.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            // Without a connection nothing was sent; where one broke, nobody knows.
            throw new JobsUnavailableException($"{(options.Value.Gateway is null ? "The sidecar" : "The gateway")} at {http.BaseAddress} cannot be reached.", exception)
            {
                IsOutcomeUnknown = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError),
            };
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var isUnknown = answer.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.InternalServerError;
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (answer.StatusCode == HttpStatusCode.BadRequest && problem.RootElement.TryGetProperty("errors", out var errors))
            {
                throw new JobsValidationException(errors.Deserialize<Dictionary<string, string[]>>()!);
            }

            if (answer.StatusCode == HttpStatusCode.Gone && problem.RootElement.TryGetProperty("detail", out var gone))
            {
                throw new JobsValidationException(new Dictionary<string, string[]> { ["jobId"] = [gone.GetString()!] });
            }

            isUnknown |= problem.RootElement.TryGetProperty("outcome", out var outcome) && outcome.ValueEquals("unknown");
        }

        throw answer.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound
            ? new JobsUnavailableException($"The queues answered {(int)answer.StatusCode}.") { IsOutcomeUnknown = isUnknown }
            : new InvalidOperationException($"The queues refused the request: {(int)answer.StatusCode}.");
    }

    // What was refused of a bulk that was valid here: jobs of these ids were removed before their end.
    private static async Task EnsureAllAsync(HttpResponseMessage answer, int sent, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        if (!document.RootElement.TryGetProperty("rejected", out var rejected) || rejected.GetArrayLength() == 0)
        {
            return;
        }

        throw new JobsValidationException(rejected.EnumerateArray()
            .SelectMany(job => job.GetProperty("errors").Deserialize<Dictionary<string, string[]>>()!.Select(
                error => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"jobs[{job.GetProperty("index").GetInt32() + sent}].{error.Key}"), error.Value)))
            .ToDictionary());
    }
}
