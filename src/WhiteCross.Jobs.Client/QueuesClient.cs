using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>Operates the queues by the gateway's HTTP API.</summary>
internal sealed class QueuesClient(HttpClient http, IOptions<JobsClientOptions> options, TimeProvider? time = null) : IQueuesClient
{
    private const int JobsAtOnce = 200;

    private readonly QueueRequests _requests = new(options.Value.ToGateway(http, time));

    public async Task<MetricsReport> GetMetricsAsync(CancellationToken cancellationToken) => (await _requests.MetricsAsync(cancellationToken)).Value;

    public async Task<QueueMetrics> GetMetricsAsync(string queue, CancellationToken cancellationToken) => (await _requests.MetricsAsync(queue, cancellationToken)).Value;

    public async Task<HealthReport> GetHealthAsync(CancellationToken cancellationToken) => (await _requests.HealthAsync(cancellationToken)).Value;

    public async Task<QueueHealth> GetHealthAsync(string queue, CancellationToken cancellationToken) => (await _requests.HealthAsync(queue, cancellationToken)).Value;

    public async Task<WorkersReport> GetWorkersAsync(CancellationToken cancellationToken) => (await _requests.WorkersAsync(cancellationToken)).Value;

    public async Task<QueueWorkers> GetWorkersAsync(string queue, CancellationToken cancellationToken) => (await _requests.WorkersAsync(queue, cancellationToken)).Value;

    public async Task<QueueHistory> GetHistoryAsync(string queue, int minutes, CancellationToken cancellationToken) => (await _requests.HistoryAsync(queue, minutes, cancellationToken)).Value;

    public async Task<QueueTrend> GetTrendAsync(string queue, string span, CancellationToken cancellationToken) => (await _requests.TrendAsync(queue, span, cancellationToken)).Value;

    public IAsyncEnumerable<JobRecord> ListJobsAsync(string queue, JobFilter? filter, CancellationToken cancellationToken) =>
        _requests.JobsAsync(queue, filter ?? new JobFilter(), JobsAtOnce, cancellationToken).Select(job => job.Value);

    public async Task<JobRecord?> FindJobAsync(string queue, string jobId, CancellationToken cancellationToken) => (await _requests.FindAsync(queue, jobId, cancellationToken))?.Value;

    public async Task<JobRecord> RetryJobAsync(string queue, string jobId, CancellationToken cancellationToken) => (await _requests.ChangeAsync(queue, jobId, "retry", cancellationToken)).Value;

    public async Task<JobRecord> PromoteJobAsync(string queue, string jobId, CancellationToken cancellationToken) => (await _requests.ChangeAsync(queue, jobId, "promote", cancellationToken)).Value;

    public async Task<JobRecord> CancelJobAsync(string queue, string jobId, CancellationToken cancellationToken) => (await _requests.ChangeAsync(queue, jobId, "cancel", cancellationToken)).Value;

    public Task RemoveJobAsync(string queue, string jobId, string? reason, CancellationToken cancellationToken) => _requests.RemoveAsync(queue, jobId, reason, cancellationToken);

    public async Task<long> RetryFailedAsync(string queue, IEnumerable<string>? jobIds, CancellationToken cancellationToken) =>
        await _requests.RetryFailedAsync(queue, jobIds, undoSeconds: 0, cancellationToken).Select(answer => answer.Value.Retried).SumAsync(cancellationToken);

    public Task PauseAsync(string queue, CancellationToken cancellationToken) => _requests.ChangeAsync(queue, "pause", cancellationToken);

    public Task ResumeAsync(string queue, CancellationToken cancellationToken) => _requests.ChangeAsync(queue, "resume", cancellationToken);

    public async Task<long> CleanAsync(string queue, TimeSpan grace, CancellationToken cancellationToken) => (await _requests.CleanAsync(queue, grace, cancellationToken)).Value.Removed;

    public IAsyncEnumerable<JobEvent> WatchAsync(string? queue, CancellationToken cancellationToken) => _requests.WatchAsync(queue, null, cancellationToken).Select(received => received.Event);

    public IAsyncEnumerable<JobEvent> WatchJobAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        _requests.WatchJobAsync(queue, jobId, null, cancellationToken).Select(received => received.Event);
}
