using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>Adding jobs, and their runs.</content>
public sealed partial class RedisJobStore
{
    private static readonly ReadOnlyMemory<byte> UnnamedJson = ErrorJson.Write(new JobError("The job failed."));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AddResult>> AddAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, jobs.Count * 7);
        foreach (var job in jobs)
        {
            arguments.With(job.JobId).WithJob(job);
        }

        var script = arguments.TryWithNotes(jobs) ? QueueScript.AddWithNotes : QueueScript.Add;
        var answer = (string)(await RunAsync(script, queue, arguments, cancellationToken))!;
        var results = new AddResult[jobs.Count];
        for (var i = 0; i < results.Length; i++)
        {
            var (outcome, letter, isSame) = (answer[3 * i], answer[(3 * i) + 1], answer[(3 * i) + 2] == '1');
            var state = RecordReader.ReadState(letter);
            results[i] = outcome switch
            {
                'a' => new AddResult(AddOutcome.Added, state, NeedsEvent: state == JobState.Waiting),
                'x' => new AddResult(AddOutcome.Exists, state, NeedsEvent: false, SameData: isSame),
                _ => new AddResult(AddOutcome.Ended, state, NeedsEvent: false, ReadRemains(letter), isSame),
            };
        }

        return results;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BeginResult>> BeginAsync(string queue, IReadOnlyList<BeginRequest> requests, CancellationToken cancellationToken)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, 1 + (requests.Count * 9)).With(_options(queue).Lease);
        foreach (var request in requests)
        {
            arguments.With(request.JobId).With(request.Holder ?? string.Empty).With(request.IfMissing is not null);
            if (request.IfMissing is { } job)
            {
                arguments.WithJob(job);
            }
        }

        // Runs of jobs that are on record make room in the end; other jobs would take more.
        var mayRunWhenFull = requests.All(request => request.IfMissing is null);
        var answer = (RedisResult[])(await RunAsync(QueueScript.Begin, queue, arguments, cancellationToken, mayRunWhenFull))!;
        var results = new BeginResult[requests.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = ReadBegin(requests[i].JobId, answer[i]);
        }

        return results;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LeaseState>> FinishAsync(string queue, IReadOnlyList<RunEnd> ends, CancellationToken cancellationToken)
    {
        if (ends.Count == 0)
        {
            return [];
        }

        var options = _options(queue);
        var arguments = Arguments(queue, 5 + (ends.Count * 10))
            .With(options.KeepCompleted).With(options.KeepFailed).With(options.KeepTombstonesFor)
            .With(CancelledJson).With(UnnamedJson);
        foreach (var end in ends)
        {
            arguments.With(end.Key.JobId).With(end.Key.Token).With(Letter(end))
                .With(end.Result).With(ErrorJson.Write(end.Error)).With(end.Delay).With(end.SnoozeReason ?? end.Error?.Message ?? string.Empty)
                .With(end.Sequence).With(end.Progress).WithLines(end.Logs);
        }

        return ReadLeases(await RunAsync(QueueScript.Finish, queue, arguments, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LeaseState>> RenewAsync(string queue, IReadOnlyList<RunKey> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, 1 + (runs.Count * 2)).With(_options(queue).Lease);
        foreach (var run in runs)
        {
            arguments.With(run.JobId).With(run.Token);
        }

        return ReadLeases(await RunAsync(QueueScript.Renew, queue, arguments, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LeaseState>> ReportAsync(string queue, IReadOnlyList<RunReport> reports, CancellationToken cancellationToken)
    {
        if (reports.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, reports.Count * 8);
        foreach (var report in reports)
        {
            arguments.With(report.Key.JobId).With(report.Key.Token).With(report.Sequence).With(report.Progress)
                .With(report.Step is not null).With(report.Step ?? string.Empty).With(report.StepResult).WithLines(report.Logs);
        }

        return ReadLeases(await RunAsync(QueueScript.Report, queue, arguments, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> GetStepsAsync(string queue, string jobId, CancellationToken cancellationToken)
    {
        var answer = (RedisValue[])(await RunAsync(QueueScript.Steps, queue, Arguments(queue).With(jobId), cancellationToken))!;
        var steps = new Dictionary<string, ReadOnlyMemory<byte>>(answer.Length / 2, StringComparer.Ordinal);
        for (var i = 0; i < answer.Length; i += 2)
        {
            steps.Add(answer[i]!, (byte[]?)answer[i + 1]);
        }

        return steps;
    }

    private static BeginResult ReadBegin(string jobId, RedisResult answer)
    {
        if (answer.Length < 0)
        {
            return new BeginResult(((string)answer!)[0] switch
            {
                'p' => BeginOutcome.Paused,
                'n' => BeginOutcome.NotDue,
                'r' => BeginOutcome.Running,
                'e' => BeginOutcome.Ended,
                _ => BeginOutcome.Unknown,
            });
        }

        var fields = (RedisValue[])answer!;
        var spec = JobSpec.Parse(fields[1]!);
        return new BeginResult(BeginOutcome.Started, new JobRun
        {
            Key = new RunKey(jobId, (long)fields[0]),
            Type = spec.Type,
            Data = (byte[]?)fields[2],
            Priority = spec.Priority,
            Attempt = (int)fields[3] + 1,
            MaxAttempts = spec.MaxAttempts,
            Backoff = spec.Backoff,
            Timeout = spec.Timeout,
            CreatedAt = RecordReader.ReadTime(fields[4]),
            ReadySince = RecordReader.ReadTime(fields[5]),
            StartedAt = RecordReader.ReadTime(fields[6]),
            Snoozes = fields[7].IsNullOrEmpty ? 0 : (int)fields[7],
            SnoozedSince = fields[8].IsNullOrEmpty ? null : RecordReader.ReadTime(fields[8]),
            TraceParent = spec.TraceParent,
            AddedBy = spec.AddedBy,
        });
    }

    private static string Letter(RunEnd end) => end.Kind switch
    {
        RunEndKind.Completed => end.ForgetsData ? "k" : "c",
        RunEndKind.Retry => "r",
        RunEndKind.Failed => "f",
        RunEndKind.Snoozed => end.SnoozesAnew ? "n" : "s",
        RunEndKind.Released => "l",
        _ => throw new ArgumentOutOfRangeException(nameof(end), end.Kind, "Not a way for a run to end."),
    };

    private static JobRemains ReadRemains(char letter) => letter switch
    {
        'c' => JobRemains.Completed,
        'f' => JobRemains.Failed,
        _ => JobRemains.Removed,
    };

    private static LeaseState[] ReadLeases(RedisResult answer)
    {
        var letters = (string)answer!;
        var states = new LeaseState[letters.Length];
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = letters[i] switch
            {
                'h' => LeaseState.Held,
                'c' => LeaseState.CancelRequested,
                's' => LeaseState.TooManySteps,
                _ => LeaseState.Lost,
            };
        }

        return states;
    }
}
