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

        using var answer = await SendAsync(HttpMethod.Post, Path($"queue/{queue.Name}/jobs"), envelope, cancellationToken);
        await EnsureAsync(answer, cancellationToken);
        return new AddedJob(queue.Name, jobId, answer.StatusCode == HttpStatusCode.Accepted);
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
            foreach (var chunk in envelopes.Chunk(LargestBulk))
            {
                using var answer = await SendAsync(HttpMethod.Post, Path($"queue/{queue.Name}/jobs/bulk"), WriteBulk(chunk), cancellationToken);
                await EnsureAsync(answer, cancellationToken);
            }
        }

        return [.. named.Select(job => job.JobId!)];
    }

    public async Task<JobRecord?> FindAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, JobPath(queue, jobId), null, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await EnsureAsync(answer, cancellationToken);
        return await answer.Content.ReadFromJsonAsync(JobsJsonContext.Default.JobRecord, cancellationToken);
    }

    public async Task<JobRecord> WaitForEndAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                if (await FindAsync(queue, jobId, cancellationToken) is { } record)
                {
                    if (record.State is JobState.Completed or JobState.Failed)
                    {
                        return record;
                    }

                    await WatchAsync(queue, jobId, cancellationToken);
                    pause = FirstPause;
                    continue;
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

    /// <summary>Reads a job's events until it has ended or the stream breaks off.</summary>
    private async Task WatchAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, $"{JobPath(queue, jobId)}/events", null, cancellationToken, HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode)
        {
            return;
        }

        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var change in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            {
                if (change.EventType == "removed")
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new JobsUnavailableException("The stream of a job's events broke off.", exception);
        }
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
            throw new JobsUnavailableException($"{(options.Value.Gateway is null ? "The sidecar" : "The gateway")} at {http.BaseAddress} cannot be reached.", exception);
        }
    }

    private static async Task EnsureAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        if (answer.StatusCode == HttpStatusCode.BadRequest && answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (problem.RootElement.TryGetProperty("errors", out var errors))
            {
                throw new JobsValidationException(errors.Deserialize<Dictionary<string, string[]>>()!);
            }
        }

        throw answer.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests or HttpStatusCode.NotFound
            ? new JobsUnavailableException($"The queues answered {(int)answer.StatusCode}.")
            : new InvalidOperationException($"The queues refused the request: {(int)answer.StatusCode}.");
    }
}
