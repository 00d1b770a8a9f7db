using System.Text.Json;
using WhiteCross.Chaos.Checking;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Tests;

/// <summary>A history by hand: two processes, 1 and 2, that live for 20 s, and one job, with a lease of 2 s unless said. Times are in seconds.</summary>
internal sealed class Story(Behaviour behaviour = Behaviour.Slow, int lease = 2)
{
    public const string Job = "job";
    private const int Length = 20;
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch.AddYears(50);

    private readonly List<HistoryLine> _lines = [];
    private readonly List<(int Process, double From, double To)> _silences = [];
    private readonly List<JobAttempt> _attempts = [];
    private readonly List<Outage> _outages = [];
    private readonly List<Sending> _sendings = [];
    private readonly List<TimeSpan> _beats = [];
    private readonly Dictionary<string, int> _givenUp = [];
    private JobRecord? _record;

    public Story Silent(int process, double from, double to = Length)
    {
        _silences.Add((process, from, to));
        return this;
    }

    public Story Run(string run, int process, double start, double? end = null, string outcome = "completed", int attempt = 1)
    {
        _lines.Add(Line(process, start, "start", run, "Normal", attempt));
        if (end is { } at)
        {
            _lines.Add(Line(process, at, "end", run, outcome, attempt));
        }

        return this;
    }

    /// <summary>A run that has ignored its token completes after all.</summary>
    public Story EndAgain(string run, int process, double at)
    {
        _lines.Add(Line(process, at, "end", run, "completed", 1));
        return this;
    }

    public Story Step(string run, int process, double at, string what)
    {
        _lines.Add(Line(process, at, what, run, "first", 1));
        return this;
    }

    public Story Attempt(double start, double end, string? error = null)
    {
        _attempts.Add(new JobAttempt(_attempts.Count + 1, Epoch.AddSeconds(start), Epoch.AddSeconds(end), error is null ? null : new JobError("by design", Code: error)));
        return this;
    }

    public Story RedisAway(double from, double to)
    {
        _outages.Add(new Outage("redis", IsOfService: false, IsOfRedis: true, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)));
        return this;
    }

    /// <summary>A run of the job has had a step's effect outside.</summary>
    public Story Sent(string run, double at, string step = "first")
    {
        _sendings.Add(new Sending(Job, step, run, TimeSpan.FromSeconds(at)));
        return this;
    }

    /// <summary>The services could not hear from Redis, and others may have gone on.</summary>
    public Story CutOff(double from, double to)
    {
        _outages.Add(new Outage("answers", IsOfService: false, IsOfRedis: false, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)) { CutsOff = true });
        return this;
    }

    /// <summary>The machine gave the run no time of its own.</summary>
    public Story MachineBusy(double from, double to)
    {
        _beats.AddRange([TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)]);
        return this;
    }

    /// <summary>Sidecars gave up events and their jobs were replayed.</summary>
    public Story GivenUp(params string[] jobIds)
    {
        Array.ForEach(jobIds, jobId => _givenUp[jobId] = 0);
        return this;
    }

    /// <summary>A sidecar gave up the job's event after so many attempts, and the job was replayed.</summary>
    public Story GivenUpAfter(int attempts)
    {
        _givenUp[Job] = attempts;
        return this;
    }

    public Story Record(JobState state, string? run = null, string? error = null)
    {
        _record = new JobRecord
        {
            JobId = Job,
            Queue = JobQueues.MessageNotification,
            Type = JobTypes.SendNotification,
            State = state,
            MaxAttempts = 4,
            AttemptsMade = _attempts.Count - _givenUp.GetValueOrDefault(Job),
            Attempts = [.. _attempts],
            Error = error is null ? null : new JobError("by design", Code: error),
            Result = run is null ? null : JsonSerializer.SerializeToElement(new { run }),
        };
        return this;
    }

    public IReadOnlyList<string> Violations(params IReadOnlyList<QueueMetrics> counts)
    {
        for (var process = 1; process <= 2; process++)
        {
            for (var tenth = 0; tenth < Length * 10; tenth++)
            {
                if (!_silences.Any(silence => silence.Process == process && silence.From < tenth / 10.0 && silence.To > tenth / 10.0))
                {
                    _lines.Add(Line(process, tenth / 10.0, "alive", string.Empty, string.Empty, 0));
                }
            }
        }

        return HistoryChecker.Check(new ChaosHistory
        {
            Lease = TimeSpan.FromSeconds(lease),
            Lines = [.. _lines.OrderBy(line => line.At)],
            Jobs = new Dictionary<string, AcceptedJob> { [Job] = new(Job, behaviour, 4) },
            Records = _record is null ? new Dictionary<string, JobRecord>() : new Dictionary<string, JobRecord> { [Job] = _record },
            Outages = _outages,
            Sendings = _sendings,
            Beats = _beats,
            GivenUp = _givenUp,
            Counts = counts,
        }).Violations;
    }

    private static HistoryLine Line(int process, double at, string what, string run, string detail, int attempt) =>
        new(TimeSpan.FromSeconds(at), Epoch.AddSeconds(at), process, what, what == "alive" ? string.Empty : Job, attempt, run, detail);
}
