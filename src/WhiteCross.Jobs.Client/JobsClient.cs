using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>The client over HTTP: to the gateway, or to the sidecar, which invokes the gateway or publishes events.</summary>
internal sealed class JobsClient : IJobsClient
{
    private readonly GatewayTransport _transport;
    private readonly JobPublishing? _publishing;
    private readonly JobWaiting _waiting;

    public JobsClient(HttpClient http, IOptions<JobsClientOptions> options, TimeProvider? time = null)
    {
        _transport = options.Value.ToGateway(http, time);
        _publishing = options.Value.PublishEvents ? new JobPublishing(JobsClientOptions.ToSidecar(http, time)) : null;
        _waiting = new JobWaiting(_transport);
    }

    public async Task<AddedJob> AddAsync<TData>(TData data, JobOptions? asked, string? jobId, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        ArgumentNullException.ThrowIfNull(data);
        var queue = JobEnvelopes.QueueOf(TData.JobType);
        jobId ??= NewId();
        var job = new JobToAdd<TData>(data, asked, jobId);
        var envelope = JobEnvelopes.Write(queue, job, field: string.Empty);
        if (_publishing is not null)
        {
            await _publishing.PublishAsync(queue, job, envelope, cancellationToken);
            return new AddedJob(queue.Name, jobId, IsNew: null);
        }

        var (answer, isRepeated) = await _transport.AddAsync(GatewayTransport.PathOf("queue", queue.Name, "jobs"), () => JsonBody.Of(envelope), jobId, cancellationToken);
        // One that was there when the request was repeated may be the first try's.
        return new AddedJob(queue.Name, jobId, answer.Status == HttpStatusCode.Accepted ? true : isRepeated ? null : false);
    }

    public async Task<IReadOnlyList<string>> AddBulkAsync<TData>(IEnumerable<JobToAdd<TData>> jobs, CancellationToken cancellationToken)
        where TData : class, IJobData
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var queue = JobEnvelopes.QueueOf(TData.JobType);
        var named = jobs.Select(job => job with { JobId = job.JobId ?? NewId() }).ToList();
        // All of them before the first request: either every one can be added or none is.
        var envelopes = named.Select((job, i) => JobEnvelopes.Write(queue, job, field: $"jobs[{i}].")).ToList();
        if (_publishing is not null)
        {
            await _publishing.PublishBulkAsync(queue, named.Zip(envelopes), cancellationToken);
        }
        else
        {
            await foreach (var (answer, before) in _transport.AddBulkAsync(queue.Name, envelopes, cancellationToken))
            {
                EnsureAll(answer, before);
            }
        }

        return [.. named.Select(job => job.JobId!)];
    }

    public async Task<JobRecord?> FindAsync(string queue, string jobId, CancellationToken cancellationToken) => (await _waiting.LookAsync(queue, jobId, cancellationToken)).Record;

    public Task<JobRecord> WaitForEndAsync(string queue, string jobId, CancellationToken cancellationToken) => _waiting.WaitForEndAsync(queue, jobId, cancellationToken);

    public async Task<bool> CancelAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var answer = await _transport.ExchangeAsync(HttpMethod.Post, GatewayTransport.PathOf("queue", queue, "jobs", jobId, "cancel"), null, cancellationToken);
        return answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict) && answer.Ensure().IsSuccess;
    }

    // What was refused of a bulk that was valid here: jobs of these ids were removed before their end.
    private static void EnsureAll(GatewayAnswer answer, int before)
    {
        if (answer.Json is not { } json || !json.TryGetProperty("rejected", out var rejected) || rejected.GetArrayLength() == 0)
        {
            return;
        }

        throw new JobsValidationException(Answer.Read(() => rejected.EnumerateArray()
            .SelectMany(job => GatewayProblem.ErrorsOf(job.GetProperty("errors"))!.Select(
                error => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"jobs[{job.GetProperty("index").GetInt32() + before}].{error.Key}"), error.Value)))
            .ToDictionary()));
    }

    private string NewId() => Guid.CreateVersion7(_transport.Time.GetUtcNow()).ToString();
}
