using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Checking;

/// <summary>
/// Proves the invariants of a job's life from what the handlers wrote down and what the API says.
/// <para>
/// When do two runs of a job overlap? A handler whose process was frozen beyond its lease does not know that its job was given to another; it may wake
/// and go on, and nothing can keep it from that. So a run counts as over once its lease could have been taken from it: once its process had gone silent
/// (no heartbeat for half a lease: killed, frozen, or starved by the machine), or Redis had been away. From then on another run may begin, and what
/// counts is that nothing the silent run does later gets on record. A second run beside one whose process was well all the time is a violation.
/// </para>
/// </summary>
public sealed class HistoryChecker
{
    // A second between sweeps, and one for whatever slows them.
    private static readonly TimeSpan RecoveryMargin = TimeSpan.FromSeconds(2);

    // From waking to the first line of a run that had begun before.
    private static readonly TimeSpan Waking = TimeSpan.FromSeconds(2);

    // Nine failures of one event in a row take a storm of faults: one job in so many may meet with it.
    private const int JobsPerGivenUp = 1000;

    private readonly ChaosHistory _history;
    private readonly Silences _silences;
    private readonly ILookup<string, Run> _runs;
    private readonly ILookup<string, HistoryLine> _steps;
    private readonly TimeSpan _wallOffset;
    private readonly List<string> _violations = [];
    private readonly List<TimeSpan> _recoveries = [];

    private HistoryChecker(ChaosHistory history)
    {
        _history = history;
        _silences = new Silences(history.Lines, history.Lease / 2);
        _runs = Run.Of(history.Lines);
        _steps = history.Lines.Where(line => line.What is "step" or "stepped").ToLookup(line => line.JobId);
        _wallOffset = history.Lines.Count == 0 ? TimeSpan.Zero : history.Lines[^1].Wall - DateTimeOffset.UnixEpoch - history.Lines[^1].At;
    }

    /// <summary>Checks a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="seed">The run's seed, for the report.</param>
    /// <param name="faults">The number of faults, for the report.</param>
    public static ChaosReport Check(ChaosHistory history, int seed = 0, int faults = 0)
    {
        ArgumentNullException.ThrowIfNull(history);
        var checker = new HistoryChecker(history);
        foreach (var job in history.Jobs.Values)
        {
            checker.CheckJob(job);
        }

        checker.CheckCounts();
        checker.CheckGivenUp();
        var stalls = history.Records.Values.Sum(record => record.Attempts.Count(attempt => attempt.Error?.Code == JobErrorCodes.Stalled));
        return new ChaosReport(
            seed, history.Jobs.Count, checker._runs.Sum(runs => runs.Count()), faults, stalls, checker._recoveries.DefaultIfEmpty().Max(), checker._recoveries.Count, history.GivenUp.Count, checker._violations);
    }

    private void CheckJob(AcceptedJob job)
    {
        if (!_history.Records.TryGetValue(job.JobId, out var record))
        {
            Violated(job, "was accepted and is not on record");
            return;
        }

        if (record.State is not (JobState.Completed or JobState.Failed))
        {
            Violated(job, $"was accepted and has not ended: it is {record.State}");
        }

        Run[] runs = [.. _runs[job.JobId].OrderBy(run => run.Start.At)];
        CheckOutcome(job, record);
        CheckAttempts(job, record, runs);
        CheckSuccession(job, runs);
        CheckWinner(job, record, runs);
        CheckSteps(job);
        MeasureRecoveries(job, record, runs);
    }

    private void CheckOutcome(AcceptedJob job, JobRecord record)
    {
        var stalledOut = record.Error?.Code == JobErrorCodes.Stalled && record.AttemptsMade == record.MaxAttempts;
        var fits = job.Behaviour switch
        {
            Behaviour.FailsAlways => record.State == JobState.Failed,
            Behaviour.Permanent => record.State == JobState.Failed && (record.Error?.Code == JobErrorCodes.Permanent || stalledOut),
            _ => record.State == JobState.Completed || (record.State == JobState.Failed && stalledOut),
        };
        if (!fits)
        {
            Violated(job, $"ended as {record.State} with {record.AttemptsMade} of {record.MaxAttempts} attempts ({record.Error?.Code})");
        }

        if (job.Behaviour == Behaviour.Progress && record.State == JobState.Completed && record.Progress.Percentage != 100)
        {
            Violated(job, string.Create(CultureInfo.InvariantCulture, $"completed, but its progress stands at {record.Progress.Percentage} %"));
        }
    }

    private void CheckAttempts(AcceptedJob job, JobRecord record, Run[] runs)
    {
        // A replay starts to count anew; what was on record before stays there.
        var before = _history.GivenUp.GetValueOrDefault(job.JobId);
        if (record.MaxAttempts != job.Attempts || record.AttemptsMade > record.MaxAttempts || record.AttemptsMade != record.Attempts.Count - before)
        {
            Violated(job, $"was given {job.Attempts} attempts, has {record.MaxAttempts}, made {record.AttemptsMade}, and {record.Attempts.Count} are on record");
        }

        if (runs.FirstOrDefault(run => run.Start.Attempt > job.Attempts) is { } beyond)
        {
            Violated(job, $"ran attempt {beyond.Start.Attempt} of {job.Attempts}");
        }

        var counted = record.Attempts.Count(attempt => attempt.Error?.Code is not (JobErrorCodes.Stalled or JobErrorCodes.Undeliverable));
        var ended = runs.Count(run => run.Outcome is "completed" or "retry" or "failed");
        if (counted > ended)
        {
            Violated(job, $"was charged {counted} attempts, but only {ended} runs ended: an interruption cost an attempt");
        }

        foreach (var attempt in record.Attempts.Where(attempt => attempt.Error?.Code == JobErrorCodes.Stalled))
        {
            var (from, to) = (Monotonic(attempt.StartedAt), Monotonic(attempt.FinishedAt));
            if (!_silences.Any(from, to) && !WasRedisAway(from, to))
            {
                Violated(job, $"attempt {attempt.Number} was called stalled while every process was well");
            }
        }
    }

    /// <summary>No run beside another, and none after the job was completed.</summary>
    private void CheckSuccession(AcceptedJob job, Run[] runs)
    {
        for (var i = 0; i < runs.Length; i++)
        {
            for (var j = i + 1; j < runs.Length; j++)
            {
                var (earlier, later) = (runs[i], runs[j]);
                var over = earlier.End is { } end && end.At <= later.Start.At;
                if ((over && earlier.Outcome is "retry" or "stopped" or "refused") || CouldLose(earlier, later.Start.At) || WokeInto(earlier) || WokeInto(later))
                {
                    continue;
                }

                Violated(job, over
                    ? $"run {later.Id} began after run {earlier.Id} had {earlier.Outcome}"
                    : $"runs {earlier.Id} (process {earlier.Process}) and {later.Id} (process {later.Process}) overlap");
            }
        }
    }

    /// <summary>The result on record is that of the run that held the job last.</summary>
    private void CheckWinner(AcceptedJob job, JobRecord record, Run[] runs)
    {
        if (record.State != JobState.Completed)
        {
            return;
        }

        var id = record.Result?.GetProperty("run").GetString();
        if (Array.Find(runs, run => run.Id == id) is not { Outcome: "completed" } winner)
        {
            Violated(job, $"is completed by run {id}, which has not completed");
        }
        else if (Array.Find(runs, run => run.Start.At > winner.Start.At && run.Start.At < winner.End!.At && !WokeInto(run)) is { } holder)
        {
            Violated(job, $"is completed by run {id}, from which run {holder.Id} had taken it");
        }
    }

    /// <summary>A step whose result is on record does not run again.</summary>
    private void CheckSteps(AcceptedJob job)
    {
        if (job.Behaviour != Behaviour.Steps)
        {
            return;
        }

        foreach (var step in _steps[job.JobId].GroupBy(line => line.Detail))
        {
            var stored = step.FirstOrDefault(line => line.What == "stepped");
            if (stored is not null && step.FirstOrDefault(line => line.What == "step" && line.At > stored.At && _silences.Find(line.Process, line.At - Waking, line.At) is null) is { } again)
            {
                Violated(job, $"step '{step.Key}' ran again in run {again.Run} after its result was on record");
            }
        }
    }

    /// <summary>From a process's last sign of life to its job being taken back: where nothing else was amiss, within the lease and two seconds.</summary>
    private void MeasureRecoveries(AcceptedJob job, JobRecord record, Run[] runs)
    {
        var bound = _history.Lease + RecoveryMargin;
        foreach (var attempt in record.Attempts.Where(attempt => attempt.Error?.Code == JobErrorCodes.Stalled))
        {
            var takenBack = Monotonic(attempt.FinishedAt);
            var silent = runs.Where(run => run.Start.Attempt == attempt.Number && run.Start.At < takenBack)
                .Select(run => _silences.Find(run.Process, run.Start.At, takenBack)?.From)
                .Min();
            if (silent is not { } since || _history.Outages.Any(outage => !outage.IsOfService && outage.From < since + bound && outage.To > since))
            {
                continue;
            }

            _recoveries.Add(takenBack - since);
            if (takenBack - since > bound)
            {
                Violated(job, string.Create(CultureInfo.InvariantCulture, $"was taken back {(takenBack - since).TotalSeconds:0.0} s after its process had gone silent; {bound.TotalSeconds:0.0} s are allowed"));
            }
        }
    }

    private void CheckCounts()
    {
        foreach (var seen in _history.Counts)
        {
            if (seen.Waiting + seen.Delayed + seen.Active + seen.Paused + seen.Completed + seen.Failed + seen.Removed != seen.Added)
            {
                _violations.Add($"counts do not add up: {seen}");
            }
        }

        if (_history.Counts.Count > 0 && _history.Counts[^1].Added != _history.Jobs.Count)
        {
            _violations.Add($"{_history.Jobs.Count} jobs were accepted, {_history.Counts[^1].Added} were added");
        }
    }

    /// <summary>That a sidecar gives up is what its policy is for; that it does so often means that nobody takes events.</summary>
    private void CheckGivenUp()
    {
        if (_history.GivenUp.Count > Math.Max(1, _history.Jobs.Count / JobsPerGivenUp))
        {
            _violations.Add($"sidecars gave up the events of {_history.GivenUp.Count} of {_history.Jobs.Count} jobs");
        }
    }

    private bool CouldLose(Run run, TimeSpan until) => _silences.Find(run.Process, run.Start.At, until) is not null || WasRedisAway(run.Start.At, until);

    /// <summary>Whether a run had begun before its process went silent, and its handler got going only when that woke.</summary>
    private bool WokeInto(Run run) => _silences.Find(run.Process, run.Start.At - Waking, run.Start.At) is not null;

    private bool WasRedisAway(TimeSpan from, TimeSpan to) => _history.Outages.Any(outage => outage.IsOfRedis && outage.From < to && outage.To > from);

    private TimeSpan Monotonic(DateTimeOffset wall) => wall - DateTimeOffset.UnixEpoch - _wallOffset;

    private void Violated(AcceptedJob job, string what) => _violations.Add($"job {job.JobId} ({job.Behaviour}) {what}");
}
