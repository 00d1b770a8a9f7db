using StackExchange.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>What operators do, and retention.</content>
public sealed partial class RedisJobStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ChangeOutcome>> RetryAsync(
        string queue, IReadOnlyList<string>? jobIds, DateTimeOffset? failedUntil, CancellationToken cancellationToken)
    {
        var until = failedUntil is { } latest ? latest.ToUnixTimeMilliseconds() : RedisValue.EmptyString;
        if (jobIds is not null)
        {
            var outcomes = new List<ChangeOutcome>(jobIds.Count);
            foreach (var slice in jobIds.Chunk(Slice))
            {
                outcomes.AddRange(await ChangeAsync("retry", queue, slice, cancellationToken, until));
            }

            return outcomes;
        }

        // Jobs that fail again while the slices go by are left alone: they failed after the first slice's time.
        var retried = 0;
        int count;
        do
        {
            var answer = (RedisValue[])(await RunAsync(QueueScript.RetryAll, queue, Arguments(queue).With(Slice).With(until), cancellationToken))!;
            until = answer[0];
            count = (int)answer[1];
            retried += count;
        }
        while (count == Slice);
        return [.. Enumerable.Repeat(ChangeOutcome.Done, retried)];
    }

    /// <inheritdoc/>
    public async Task<ChangeOutcome> RetryWithAsync(string queue, NewJob job, DateTimeOffset failedUntil, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var arguments = Arguments(queue).With(job.JobId).With(job.Data).With(job.Sum ?? DataSum.Of(job)).With(failedUntil.ToUnixTimeMilliseconds())
            .With(JobTerms.HashAll(job.Terms));
        return OutcomeOf(((string)(await RunAsync(QueueScript.RetryWith, queue, arguments, cancellationToken))!)[0]);
    }

    /// <inheritdoc/>
    public Task<ChangeOutcome> PromoteAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        ChangeAsync("promote", queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> CancelAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        ChangeAsync("cancel", queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<ChangeOutcome> RemoveAsync(string queue, string jobId, CancellationToken cancellationToken) =>
        ChangeAsync("remove", queue, jobId, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ChangeOutcome>> RecallAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        var outcomes = new List<ChangeOutcome>(jobIds.Count);
        foreach (var slice in jobIds.Chunk(Slice))
        {
            outcomes.AddRange(await ChangeAsync("recall", queue, slice, cancellationToken));
        }

        return outcomes;
    }

    /// <inheritdoc/>
    public async Task<ChangeOutcome> AmendResultAsync(string queue, string jobId, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        OutcomeOf(((string)(await RunAsync(QueueScript.Amend, queue, Arguments(queue).With(jobId).With(result), cancellationToken))!)[0]);

    /// <inheritdoc/>
    public async Task<bool> PauseAsync(string queue, CancellationToken cancellationToken) =>
        (int)await RunAsync(QueueScript.Pause, queue, Arguments(queue).With(true), cancellationToken) == 1;

    /// <inheritdoc/>
    public async Task<bool> ResumeAsync(string queue, CancellationToken cancellationToken) =>
        (int)await RunAsync(QueueScript.Pause, queue, Arguments(queue).With(false), cancellationToken) == 1;

    /// <inheritdoc/>
    public Task<long> CleanAsync(string queue, TimeSpan completedGrace, TimeSpan failedGrace, CancellationToken cancellationToken) =>
        CleanAsync(queue, completedGrace, failedGrace, sparesOwed: false, cancellationToken);

    /// <inheritdoc/>
    public async Task<int> TrimAsync(string queue, CancellationToken cancellationToken)
    {
        var options = _options(queue);
        var removed = 0L;
        RedisValue[] answer;
        do
        {
            var arguments = Arguments(queue).With(Slice)
                .With(options.KeepCompleted).With(options.KeepFailed).With(options.KeepTombstonesFor).With((long)JobStoreRules.KeepMinutesFor.TotalMinutes);
            answer = (RedisValue[])(await RunAsync(QueueScript.Trim, queue, arguments, cancellationToken))!;
            removed += (long)answer[0];
        }
        while ((int)answer[0] > 0 || (int)answer[1] == Slice);

        removed += await CleanAsync(queue, options.KeepCompletedFor, options.KeepFailedFor, sparesOwed: true, cancellationToken);
        return (int)removed;
    }

    private async Task<long> CleanAsync(
        string queue, TimeSpan completedAge, TimeSpan failedAge, bool sparesOwed, CancellationToken cancellationToken)
    {
        var keepTombstones = _options(queue).KeepTombstonesFor;
        var removed = 0L;
        long count;
        do
        {
            var arguments = Arguments(queue).With(Slice).With(completedAge).With(failedAge).With(sparesOwed).With(keepTombstones);
            count = (long)await RunAsync(QueueScript.Clean, queue, arguments, cancellationToken);
            removed += count;
        }
        while (count == Slice);
        return removed;
    }

    private async Task<ChangeOutcome> ChangeAsync(string what, string queue, string jobId, CancellationToken cancellationToken) =>
        (await ChangeAsync(what, queue, [jobId], cancellationToken))[0];

    private async Task<ChangeOutcome[]> ChangeAsync(
        string what, string queue, string[] jobIds, CancellationToken cancellationToken, RedisValue failedUntil = default)
    {
        var arguments = Arguments(queue, 4 + jobIds.Length)
            .With(what).With(_options(queue).KeepTombstonesFor).With(CancelledJson).With(failedUntil.IsNull ? RedisValue.EmptyString : failedUntil);
        foreach (var id in jobIds)
        {
            arguments.With(id);
        }

        var letters = (string)(await RunAsync(QueueScript.Change, queue, arguments, cancellationToken))!;
        return [.. letters.Select(OutcomeOf)];
    }

    private static ChangeOutcome OutcomeOf(char letter) => letter switch
    {
        'd' => ChangeOutcome.Done,
        'n' => ChangeOutcome.NotFound,
        _ => ChangeOutcome.WrongState,
    };
}
