using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>Events and dead letters that are owed; stalled runs.</content>
public sealed partial class RedisJobStore
{
    /// <inheritdoc/>
    public async Task<DueJobs> TakeDueAsync(string queue, int limit, CancellationToken cancellationToken)
    {
        var answer = (RedisValue[])(await RunAsync(QueueScript.TakeDue, queue, Arguments(queue).With(limit), cancellationToken))!;
        var claim = (long)answer[1];
        var jobs = new JobEvent[(answer.Length - 2) / 2];
        for (var i = 0; i < jobs.Length; i++)
        {
            var spec = JobSpec.Parse(answer[(2 * i) + 3]!);
            jobs[i] = new JobEvent(answer[(2 * i) + 2]!, spec.Type, spec.Priority, spec.TraceParent, claim);
        }

        return new DueJobs(jobs, answer[0].IsNullOrEmpty ? null : TimeSpan.FromMilliseconds((long)answer[0]));
    }

    /// <inheritdoc/>
    public Task ConfirmPublishedAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) =>
        RunOnClaimsAsync(QueueScript.ConfirmPublished, queue, Arguments(queue, 2 * published.Count), published, cancellationToken);

    /// <inheritdoc/>
    public Task RequestEventsAsync(string queue, IReadOnlyList<JobClaim> jobs, CancellationToken cancellationToken) =>
        RunOnClaimsAsync(QueueScript.RequestEvents, queue, Arguments(queue, 2 * jobs.Count), jobs, cancellationToken);

    /// <inheritdoc/>
    public async Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, TimeSpan> oldestEvents, TimeSpan minimumAge, int limit, CancellationToken cancellationToken)
    {
        var arguments = Arguments(queue, 2 + (2 * oldestEvents.Count)).With(minimumAge).With(limit);
        foreach (var (priority, age) in oldestEvents)
        {
            arguments.With((int)priority).With(age);
        }

        return (int)await RunAsync(QueueScript.Reconcile, queue, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> RecoverStalledAsync(string queue, int limit, CancellationToken cancellationToken)
    {
        var options = _options(queue);
        var stalled = new JobError($"The run went silent: its lease of {options.Lease.TotalSeconds:0.###} s ran out.", Code: JobErrorCodes.Stalled);
        var arguments = Arguments(queue).With(limit)
            .With(options.KeepCompleted).With(options.KeepFailed).With(options.KeepTombstonesFor)
            .With(CancelledJson).With(ErrorJson.Write(stalled))
            .With(JobStoreRules.SweepGap(options.Lease)).With(JobStoreRules.StallGrace).With(options.Lease);
        return (int)await RunAsync(QueueScript.RecoverStalled, queue, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken) =>
        TakeDeadLettersAsync(queue, Arguments(queue).With(limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(
        string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        if (jobIds.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, 1 + jobIds.Count).With(0);
        foreach (var id in jobIds.Distinct(StringComparer.Ordinal))
        {
            arguments.With(id);
        }

        return await TakeDeadLettersAsync(queue, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<JobClaim> published, CancellationToken cancellationToken) => RunOnClaimsAsync(
        QueueScript.ConfirmDeadLetters,
        queue,
        Arguments(queue, 1 + (2 * published.Count)).With(_options(queue).KeepTombstonesFor),
        published,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken)
    {
        var error = job.Error ?? new JobError("The job's event could not be delivered.", Code: JobErrorCodes.Undeliverable);
        var arguments = Arguments(queue).With(job.JobId).WithJob(job with { Error = error });
        return (int)await RunAsync(QueueScript.FailUndeliverable, queue, arguments, cancellationToken) == 1;
    }

    private async Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, ScriptArguments arguments, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await RunAsync(QueueScript.TakeDeadLetters, queue, arguments, cancellationToken))!;
        var isPaused = (int)answer[0] == 1;
        var claim = (long)answer[1];
        return [.. answer.Skip(2).Select(record => RecordReader.Read(queue, isPaused, record)).OfType<JobRecord>().Select(job => new OwedDeadLetter(job, claim))];
    }

    private async Task RunOnClaimsAsync(
        QueueScript script, string queue, ScriptArguments arguments, IReadOnlyList<JobClaim> claims, CancellationToken cancellationToken)
    {
        if (claims.Count > 0)
        {
            await RunAsync(script, queue, arguments.WithClaims(claims), cancellationToken);
        }
    }
}
