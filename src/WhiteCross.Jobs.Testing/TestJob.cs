using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Testing;

/// <summary>
/// A job for the test of a handler, attempt after attempt: each is counted, and finds what earlier ones reported. Without a worker and a store; time is the test's.
/// </summary>
/// <typeparam name="TData">The job's data.</typeparam>
/// <param name="data">The data.</param>
/// <param name="reports">What earlier attempts reported; null for a job that has had none.</param>
/// <example><c>var outcome = await new TestJob&lt;CountConversationJob&gt;(data).RunAsync(handler, cancellationToken);</c></example>
public sealed class TestJob<TData>(TData data, JobReports? reports = null)
    where TData : class, IJobData<TData>
{
    /// <summary>What it has reported.</summary>
    public JobReports Reports { get; } = reports ?? new();

    /// <summary>Its id. Default: one of its own.</summary>
    public string Id
    {
        get => Reports.JobId;
        init => Reports.JobId = value;
    }

    /// <summary>How urgent it is. Default: normal.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>How many attempts it gets. Default: its queue's.</summary>
    public int MaxAttempts { get; init; } = JobQueues.DefaultOptions(TData.Queue).Attempts;

    /// <summary>When it was added. Default: 1 January 2026, so that tests do not depend on the day.</summary>
    public DateTimeOffset CreatedAt
    {
        get => Reports.CreatedAt ?? new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        init => Reports.CreatedAt = value;
    }

    /// <summary>Runs the next attempt.</summary>
    /// <param name="handler">The handler: a new one for each attempt, as the worker makes it.</param>
    /// <param name="cancellationToken">Fires as the attempt's does; say why by <see cref="JobReports.StopCause"/>.</param>
    /// <returns>What the handler answered; what it threw is thrown.</returns>
    public Task<JobOutcome> RunAsync(IJobHandler<TData> handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return RunAsync(handler.HandleAsync, cancellationToken);
    }

    /// <summary>Runs the next attempt with a part of a handler.</summary>
    /// <param name="handle">What is done with the job.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <returns>What was answered; what was thrown is thrown.</returns>
    public Task<JobOutcome> RunAsync(Func<Job<TData>, CancellationToken, Task<JobOutcome>> handle, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var info = new JobInfo(Id, TData.Queue, TData.JobType, Priority, ++Reports.Attempts, MaxAttempts, CreatedAt);
        return handle(new Job<TData>(data, info, Reports), cancellationToken);
    }
}
