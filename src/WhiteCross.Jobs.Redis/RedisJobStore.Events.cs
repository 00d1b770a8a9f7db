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
        var jobs = new JobEvent[(answer.Length - 1) / 2];
        for (var i = 0; i < jobs.Length; i++)
        {
            var spec = JobSpec.Parse(answer[(2 * i) + 2]!);
            jobs[i] = new JobEvent(answer[(2 * i) + 1]!, spec.Type, spec.Priority, spec.TraceParent);
        }

        return new DueJobs(jobs, answer[0].IsNullOrEmpty ? null : RecordReader.ReadTime(answer[0]));
    }

    /// <inheritdoc/>
    public Task ConfirmPublishedAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        RunOnIdsAsync(QueueScript.ConfirmPublished, queue, Arguments(queue, jobIds.Count), jobIds, cancellationToken);

    /// <inheritdoc/>
    public Task RequestEventsAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        RunOnIdsAsync(QueueScript.RequestEvents, queue, Arguments(queue, jobIds.Count), jobIds, cancellationToken);

    /// <inheritdoc/>
    public async Task<int> ReconcileAsync(
        string queue, IReadOnlyDictionary<JobPriority, DateTimeOffset> lowWaterMarks, TimeSpan minimumAge, int limit, CancellationToken cancellationToken)
    {
        var arguments = Arguments(queue, 2 + (2 * lowWaterMarks.Count)).With(minimumAge).With(limit);
        foreach (var (priority, mark) in lowWaterMarks)
        {
            arguments.With((int)priority).With(mark);
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
            .With(ErrorJson.Write(Cancelled)).With(ErrorJson.Write(stalled));
        return (int)await RunAsync(QueueScript.RecoverStalled, queue, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OwedDeadLetter>> TakeDeadLettersAsync(string queue, int limit, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await RunAsync(QueueScript.TakeDeadLetters, queue, Arguments(queue).With(limit), cancellationToken))!;
        var isPaused = (int)answer[0] == 1;
        return [.. answer.Skip(1).Select(record => RecordReader.Read(queue, isPaused, record)).OfType<OwedDeadLetter>()];
    }

    /// <inheritdoc/>
    public Task ConfirmDeadLettersAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
        RunOnIdsAsync(
            QueueScript.ConfirmDeadLetters, queue, Arguments(queue, 1 + jobIds.Count).With(_options(queue).KeepTombstonesFor), jobIds, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> FailUndeliverableAsync(string queue, NewJob job, CancellationToken cancellationToken)
    {
        var error = job.Error ?? new JobError("The job's event could not be delivered.", Code: JobErrorCodes.Undeliverable);
        var arguments = Arguments(queue).WithJob(job with { Error = error });
        return (int)await RunAsync(QueueScript.FailUndeliverable, queue, arguments, cancellationToken) == 1;
    }

    private async Task RunOnIdsAsync(
        QueueScript script, string queue, ScriptArguments arguments, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        if (jobIds.Count == 0)
        {
            return;
        }

        foreach (var id in jobIds)
        {
            arguments.With(id);
        }

        await RunAsync(script, queue, arguments, cancellationToken);
    }
}
