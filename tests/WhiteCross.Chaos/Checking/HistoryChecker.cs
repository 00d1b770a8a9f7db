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

    // The longest pause of the client, and a renewal.
    private static readonly TimeSpan Reconnecting = TimeSpan.FromSeconds(2.5);

    // Nine failures of one event in a row take a storm of faults: one job in so many may meet with it where what is killed is back as soon as here.
    private const int JobsPerGivenUp = 1000;
    private static readonly TimeSpan SoonBack = TimeSpan.FromSeconds(6);

    private static readonly string[] EffectsOfSteps = ["first", "second"];

    private readonly ChaosHistory _history;
    private readonly Silences _silences;
    private readonly Lateness _lateness;
    private readonly ILookup<string, Sending> _sendings;
    private readonly ILookup<string, Run> _runs;
    private readonly ILookup<string, HistoryLine> _steps;
    private readonly TimeSpan _wallOffset;
    private readonly List<string> _violations = [];
    private readonly List<TimeSpan> _recoveries = [];

    private HistoryChecker(ChaosHistory history)
    {
        _history = history;
        _silences = new Silences(history.Lines, history.Lease / 2);
        _lateness = new Lateness(history.Beats, ChaosHistory.BeatInterval);
        _sendings = history.Sendings.ToLookup(sending => sending.JobId);
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
            seed, history.Jobs.Count, history.Sendings.Count, checker._runs.Sum(runs => runs.Count()), faults, stalls, checker._recoveries.DefaultIfEmpty().Max(), checker._recoveries.Count, history.GivenUp.Count, checker._violations);
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
        CheckEffects(job, record, runs);
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
        var ended = runs.Count(run => run.Outcome is "completed" or "retry" or "failed" or "ignored");
        if (counted > ended)
        {
            Violated(job, $"was charged {counted} attempts, but only {ended} runs ended: an interruption cost an attempt");
        }

        foreach (var attempt in record.Attempts.Where(attempt => attempt.Error?.Code == JobErrorCodes.Stalled))
        {
            var (from, to) = (Monotonic(attempt.StartedAt), Monotonic(attempt.FinishedAt));
            if (!_silences.Any(from, to) && !HadNoRedis(from, to))
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
                if ((over && earlier.Outcome is "retry" or "stopped" or "refused" or "ignored") || CouldLose(earlier, later.Start.At) || WokeInto(earlier) || WokeInto(later))
                {
                    continue;
                }

                Violated(job, over
                    ? $"run {later.Id} began after run {earlier.Id} had {earlier.Outcome}"
                    : $"runs {earlier.Id} (process {earlier.Process}) and {later.Id} (process {later.Process}) overlap");
            }
        }
    }

    /// <summary>
    /// The result on record is that of the run that held the job last. One that ignored its token has completed too, if its worker was still waiting for
    /// it: while it stops, or when it was frozen together with its handler. Then nobody may have had the job since.
    /// </summary>
    private void CheckWinner(AcceptedJob job, JobRecord record, Run[] runs)
    {
        if (record.State != JobState.Completed)
        {
            return;
        }

        var id = record.Result?.GetProperty("run").GetString();
        if (Array.Find(runs, run => run.Id == id) is not { Outcome: "completed" or "ignored", Completion: { } completion } winner)
        {
            Violated(job, $"is completed by run {id}, which has not completed");
        }
        else if (Array.Find(runs, run => run.Start.At > winner.Start.At && run.Start.At < completion.At && !WokeInto(run)) is { } holder)
        {
            Violated(job, $"is completed by run {id}, from which run {holder.Id} had taken it");
        }
        else if (winner.Outcome == "ignored" && Array.Find(runs, run => run.Start.At >= completion.At && !WokeInto(run)) is { } later)
        {
            Violated(job, $"run {later.Id} began after run {id} had completed");
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
            if (stored is not null && step.FirstOrDefault(line => line.What == "step" && line.At > stored.At && !HasJustWoken(line.Process, line.At)) is { } again)
            {
                Violated(job, $"step '{step.Key}' ran again in run {again.Run} after its result was on record");
            }
        }
    }

    /// <summary>
    /// Whatever became of runs, stores and networks: a completed job has had each effect, and none twice, unless the process that had it done died or froze
    /// before it could say so, which nothing but the provider's own look at the key can make up for.
    /// </summary>
    private void CheckEffects(AcceptedJob job, JobRecord record, Run[] runs)
    {
        if (job.Behaviour != Behaviour.Steps)
        {
            return;
        }

        int ProcessOf(Sending sending) => runs.First(run => run.Id == sending.Run).Process;

        var steps = _sendings[job.JobId].ToLookup(sending => sending.Step);
        foreach (var missing in EffectsOfSteps.Where(step => record.State == JobState.Completed && !steps.Contains(step)))
        {
            Violated(job, $"is completed, and its step '{missing}' has had no effect");
        }

        foreach (var step in steps)
        {
            Sending[] sendings = [.. step.OrderBy(sending => sending.At)];
            for (var i = 1; i < sendings.Length; i++)
            {
                var (first, again) = (sendings[i - 1], sendings[i]);
                var isOnRecord = _steps[job.JobId].Any(line => line.What == "stepped" && line.Run == first.Run && line.Detail == step.Key);
                var died = !isOnRecord && (WasCutOff(first.At, again.At) || _silences.Find(ProcessOf(first), first.At, again.At) is not null);
                if (!died && !HasJustWoken(ProcessOf(first), first.At) && !HasJustWoken(ProcessOf(again), again.At))
                {
                    Violated(job, $"has had the effect of step '{step.Key}' twice, by run {first.Run} and by run {again.Run}, and both processes were well");
                }
            }
        }
    }

    /// <summary>From a process's last sign of life to its job being taken back: where nothing else was amiss, within the lease and two seconds.</summary>
    private void MeasureRecoveries(AcceptedJob job, JobRecord record, Run[] runs)
    {
        foreach (var attempt in record.Attempts.Where(attempt => attempt.Error?.Code == JobErrorCodes.Stalled))
        {
            var takenBack = Monotonic(attempt.FinishedAt);
            var silent = runs.Where(run => run.Start.Attempt == attempt.Number && run.Start.At < takenBack)
                .Select(run => _silences.Find(run.Process, run.Start.At, takenBack)?.From)
                .Min();
            var bound = _history.Lease + RecoveryMargin + _lateness.Within(silent ?? takenBack, takenBack);
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
        // In how many times as much as a machine takes that has nothing else to do.
        var slowness = Math.Max(1, _history.Outages.Select(outage => (outage.To - outage.From) / SoonBack).DefaultIfEmpty().Average());
        if (_history.GivenUp.Count > Math.Max(1, _history.Jobs.Count * slowness / JobsPerGivenUp))
        {
            _violations.Add($"sidecars gave up the events of {_history.GivenUp.Count} of {_history.Jobs.Count} jobs");
        }
    }

    private bool CouldLose(Run run, TimeSpan until) => _silences.Find(run.Process, run.Start.At, until) is not null || HadNoRedis(run.Start.At, until);

    /// <summary>Whether a run had begun before its process went silent, and its handler got going only when that woke.</summary>
    private bool WokeInto(Run run) => HasJustWoken(run.Process, run.Start.At);

    private bool HasJustWoken(int process, TimeSpan at) => _silences.Find(process, at - Waking - _lateness.Within(at - Waking, at), at) is not null;

    private bool HadNoRedis(TimeSpan from, TimeSpan to) =>
        _history.Outages.Any(outage => outage.IsOfRedis && outage.From < to && outage.To > from) || WasCutOff(from, to);

    // Long enough for leases to have run out, with the time to connect again: what was done meanwhile could not be put on record in time.
    private bool WasCutOff(TimeSpan from, TimeSpan to) =>
        _history.Outages.Any(outage => (outage.IsOfRedis || outage.CutsOff) && outage.From < to && outage.To + Reconnecting > from && outage.To - outage.From + Reconnecting > _history.Lease);

    private TimeSpan Monotonic(DateTimeOffset wall) => wall - DateTimeOffset.UnixEpoch - _wallOffset;

    private void Violated(AcceptedJob job, string what) => _violations.Add($"job {job.JobId} ({job.Behaviour}) {what}");
}
