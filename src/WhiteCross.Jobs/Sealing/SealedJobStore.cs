using System.Runtime.CompilerServices;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Sealing;

/// <summary>
/// A job store whose records are sealed: what came from outside or from a handler goes in sealed and comes out opened, whatever store is inside. Ids,
/// states, times, counts and names of steps stay readable there. What was put on record before, unsealed, is read as it is. Dead letters come out as they
/// are on record, for the stream that they go to is a place of rest too.
/// </summary>
public sealed partial class SealedJobStore(IJobStore inner, JobSeal seal) : IJobStore
{
    private readonly RecordSeal _records = new(seal);

    /// <summary>The store that is sealed.</summary>
    public IJobStore Inner => inner;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) =>
        inner.AddAsync(queue, [.. jobs.Select(job => _records.Seal(queue, job))], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JobArrival>> ReceiveAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken) =>
        inner.ReceiveAsync(queue, [.. jobs.Select(job => _records.Seal(queue, job))], cancellationToken);

    /// <inheritdoc/>
    public Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken) =>
        inner.FailUndeliverableAsync(queue, _records.Seal(queue, job), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken)
    {
        var begun = await inner.BeginAsync(
            queue,
            requests.Any(request => request.IfMissing is not null)
                ? [.. requests.Select(request => request.IfMissing is { } job ? request with { IfMissing = _records.Seal(queue, job) } : request)]
                : requests,
            cancellationToken);
        return [.. begun.Select(result => result.Run is { } run ? result with { Run = _records.Open(queue, run) } : result)];
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken) =>
        inner.ReportAsync(queue, [.. reports.Select(report => _records.Seal(queue, report))], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken) =>
        inner.FinishAsync(queue, [.. ends.Select(end => _records.Seal(queue, end))], cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> RetryWithAsync(string queue, NewJob job, DateTimeOffset failedUntil, CancellationToken cancellationToken) =>
        inner.RetryWithAsync(queue, _records.Seal(queue, job), failedUntil, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> AmendResultAsync(string queue, string jobId, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        inner.AmendResultAsync(queue, jobId, _records.SealResult(queue, jobId, result), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var steps = await inner.GetStepsAsync(queue, jobId, cancellationToken);
        return steps.Count == 0 ? steps : steps.ToDictionary(step => step.Key, step => _records.OpenStep(queue, jobId, step.Key, step.Value), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<JobRecord?> GetAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        await inner.GetAsync(queue, jobId, cancellationToken) is { } record ? _records.Open(record) : null;

    /// <inheritdoc/>
    public async Task<JobPage> ListAsync(string queue, JobQuery query, CancellationToken cancellationToken)
    {
        var page = await inner.ListAsync(queue, query, cancellationToken);
        return page with { Jobs = [.. page.Jobs.Select(_records.Open)] };
    }

    /// <inheritdoc/>
    public async Task<JobPage> ListByTermAsync(string queue, string term, int limit, string? cursor, CancellationToken cancellationToken)
    {
        var page = await inner.ListByTermAsync(queue, _records.SealTerm(term), limit, cursor, cancellationToken);
        return page with { Jobs = [.. page.Jobs.Select(_records.Open)] };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JobChange> WatchAsync(string queue, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var change in inner.WatchAsync(queue, cancellationToken))
        {
            yield return _records.Open(change);
        }
    }
}
