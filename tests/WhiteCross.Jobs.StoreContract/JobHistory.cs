using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>
/// Lives through a history on a store, and checks after every step what must hold whatever happens: the counts add up, no job runs twice at once,
/// only the run that holds a job may write, no job makes more attempts than it has, what has completed or gone does not come back, jobs move only
/// as the step allows, a failed job is not forgotten before its dead letter is out. At the end everything is let go, and every job must end.
/// </summary>
public sealed class JobHistory
{
    private static readonly string[] Ids = ["j0", "j1", "j2", "j3", "j4", "j5"];
    private static readonly TimeSpan[] Durations =
    [
        TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(700), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(11), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(50),
    ];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly QueueOptions _options = new()
    {
        KeepCompleted = 3,
        KeepFailed = 2,
        KeepCompletedFor = TimeSpan.FromMinutes(30),
        KeepFailedFor = TimeSpan.FromHours(1),
        KeepTombstonesFor = TimeSpan.FromHours(2),
        Lease = TimeSpan.FromSeconds(10),
    };

    private readonly IJobStore _store;
    private readonly RepeatingStore _repeating;
    private readonly string _queue = $"h-{Guid.NewGuid():n}";
    private readonly CancellationToken _cancel;
    private readonly StringBuilder _transcript = new();

    // What is known from outside: events in flight, runs that have begun, jobs handed out for publishing.
    private readonly List<string> _events = [];
    private readonly List<RunKey> _runs = [];
    private readonly Dictionary<string, long> _holders = [];
    private readonly Dictionary<RunKey, (RunEndKind Kind, LeaseState Answer)> _ended = [];
    private readonly Dictionary<RunKey, string> _names = [];
    private readonly Dictionary<string, DateTimeOffset> _leases = [];
    private readonly Dictionary<string, DateTimeOffset> _gone = [];
    private readonly Dictionary<string, bool> _removesOnFail = [];
    private readonly HashSet<string> _owesDeadLetter = [];
    private List<JobClaim> _taken = [];
    private long _reports;
    private Dictionary<string, JobRecord> _records = [];

    private JobHistory(IJobStoreFactory factory, CancellationToken cancellationToken)
    {
        _store = RepeatingStore.Over(factory.Create(_ => _options, _time), out _repeating);
        _cancel = cancellationToken;
    }

    /// <summary>Lives through the history.</summary>
    /// <returns>All that the store answered, the same for every store.</returns>
    public static async Task<string> LiveAsync(IJobStoreFactory factory, IReadOnlyList<HistoryStep> steps, CancellationToken cancellationToken)
    {
        var history = new JobHistory(factory, cancellationToken);
        foreach (var step in steps)
        {
            await history.TakeAsync(step);
        }

        await history.LetGoAsync();
        return history._transcript.ToString().Replace(history._queue, "queue", StringComparison.Ordinal);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    private static string IdOf(int number) => Ids[number % Ids.Length];

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    private static NewJob Job(string id, int flavour) => new()
    {
        JobId = id,
        Type = "send-message",
        Data = Json($$"""{"flavour":{{flavour}}}"""),
        Priority = (flavour % 4) switch { 0 => JobPriority.Low, 1 => JobPriority.Normal, 2 => JobPriority.High, _ => JobPriority.Critical },
        MaxAttempts = 1 + (flavour % 3),
        Delay = flavour % 5 == 0 ? TimeSpan.FromSeconds(3) : TimeSpan.Zero,
        RemoveOnComplete = flavour % 7 == 0,
        RemoveOnFail = flavour % 11 == 0,
        Error = flavour % 13 == 0 ? new JobError("invalid", Code: JobErrorCodes.Invalid) : null,
    };

    private async Task TakeAsync(HistoryStep step)
    {
        Say($"{step.Kind} {step.A} {step.B}");
        var id = IdOf(step.A);
        switch (step.Kind)
        {
            case HistoryStepKind.Add:
                await AddAsync([Job(id, step.B)]);
                break;
            case HistoryStepKind.AddBatch:
                await AddAsync([Job(id, step.B), Job(IdOf(step.A + 1), step.B + 1), Job(id, step.B + 2), Job(IdOf(step.A + 3), step.B + 3)]);
                break;
            case HistoryStepKind.Deliver when _events.Count > 0:
                await DeliverAsync(step.A, step.B);
                break;
            case HistoryStepKind.DeliverDescribed:
                await BeginAsync([new BeginRequest(id, Job(id, step.B), HolderOf(step.B)), new BeginRequest(IdOf(step.A + 2), Holder: HolderOf(step.A))]);
                break;
            case HistoryStepKind.LoseEvent when _events.Count > 0:
                _events.RemoveAt(step.A % _events.Count);
                break;
            case HistoryStepKind.Finish when _runs.Count > 0:
                await FinishAsync(Run(step.A), (RunEndKind)(step.B % 5), Durations[step.B % Durations.Length], step.B % 6 == 0);
                break;
            case HistoryStepKind.Renew when _runs.Count > 0:
                await RenewAsync(Run(step.A));
                break;
            case HistoryStepKind.Report when _runs.Count > 0:
                await ReportAsync(Run(step.A), step.B);
                break;
            case HistoryStepKind.TakeDue:
                await TakeDueAsync(1 + (step.A % 4));
                break;
            case HistoryStepKind.ConfirmPublished:
                await _store.ConfirmPublishedAsync(_queue, [.. _taken.Skip(step.A % 2)], _cancel);
                break;
            case HistoryStepKind.RequestEvents:
                await _store.RequestEventsAsync(_queue, [id, IdOf(step.B)], _cancel);
                break;
            case HistoryStepKind.Reconcile:
                await ReconcileAsync(TimeSpan.FromSeconds(step.A % 5), 1 + (step.B % 6));
                break;
            case HistoryStepKind.RecoverStalled:
                Say(await _store.RecoverStalledAsync(_queue, 1 + (step.A % 3), _cancel));
                break;
            case HistoryStepKind.TakeDeadLetters:
                Say(string.Join(',', (await _store.TakeDeadLettersAsync(_queue, 1 + (step.A % 3), _cancel)).Select(letter => letter.Job.JobId)));
                break;
            case HistoryStepKind.ConfirmDeadLetters:
                await ConfirmDeadLettersAsync([id, IdOf(step.B)]);
                break;
            case HistoryStepKind.FailUndeliverable:
                Say(await _store.FailUndeliverableAsync(_queue, Job(id, step.B), _cancel));
                NoteFlavour(id, step.B);
                break;
            case HistoryStepKind.Retry:
                Say(string.Join(',', await _store.RetryAsync(_queue, [id, IdOf(step.B)], _cancel)));
                break;
            case HistoryStepKind.RetryAll:
                Say((await _store.RetryAsync(_queue, jobIds: null, _cancel)).Count);
                break;
            case HistoryStepKind.Promote:
                Say(await _store.PromoteAsync(_queue, id, _cancel));
                break;
            case HistoryStepKind.Cancel:
                Say(await _store.CancelAsync(_queue, id, _cancel));
                break;
            case HistoryStepKind.Remove:
                Say(await _store.RemoveAsync(_queue, id, _cancel));
                break;
            case HistoryStepKind.Pause:
                Say(await _store.PauseAsync(_queue, _cancel));
                break;
            case HistoryStepKind.Resume:
                Say(await _store.ResumeAsync(_queue, _cancel));
                break;
            case HistoryStepKind.Clean:
                Say(await _store.CleanAsync(_queue, Durations[step.A % Durations.Length], Durations[step.B % Durations.Length], _cancel));
                break;
            case HistoryStepKind.Trim:
                Say(await _store.TrimAsync(_queue, _cancel));
                break;
            case HistoryStepKind.Advance:
                _time.Advance(Durations[step.A % Durations.Length]);
                break;
            case HistoryStepKind.LoseNextAnswer:
                _repeating.LoseNextAnswer();
                break;
            case HistoryStepKind.StepClockBack:
                _time.AdjustTime(Now - TimeSpan.FromMilliseconds(step.A * 3));
                break;
        }

        await CheckAsync(step.Kind);
    }

    private static string HolderOf(int number) => $"instance-{number % 3}";

    /// <summary>One of the latest runs, mostly; also such as have lost their job.</summary>
    private RunKey Run(int number) => _runs[^(1 + (number % Math.Min(_runs.Count, 4)))];

    private async Task AddAsync(NewJob[] jobs)
    {
        var results = await _store.AddAsync(_queue, jobs, _cancel);
        for (var i = 0; i < jobs.Length; i++)
        {
            var id = jobs[i].JobId;
            Say(results[i]);
            if (results[i].Outcome == AddOutcome.Added)
            {
                _removesOnFail[id] = jobs[i].RemoveOnFail;
                if (results[i].NeedsEvent)
                {
                    _events.Add(id);
                }
            }
            else
            {
                Assert.False(results[i].NeedsEvent);
                if (_repeating.HasRepeated && !_records.ContainsKey(id))
                {
                    // Added by the call whose answer was lost; its event is published by nobody, until the reconciler finds it.
                    _removesOnFail.TryAdd(id, jobs[i].RemoveOnFail);
                    continue;
                }

                Assert.Equal(results[i].Outcome == AddOutcome.Exists, _records.ContainsKey(id) || results.Take(i).Where((earlier, n) => jobs[n].JobId == id && earlier.Outcome == AddOutcome.Added).Any());
            }
        }
    }

    private void NoteFlavour(string id, int flavour)
    {
        if (!_records.ContainsKey(id))
        {
            _removesOnFail[id] = Job(id, flavour).RemoveOnFail;
        }
    }

    private async Task DeliverAsync(int which, int how)
    {
        var first = which % _events.Count;
        var second = how % _events.Count;
        await BeginAsync([new BeginRequest(_events[first], Holder: HolderOf(which)), new BeginRequest(_events[second], Holder: HolderOf(how))]);

        // One in four events stays, to come again.
        if (how % 4 != 0)
        {
            _events.RemoveAt(first);
        }
    }

    private async Task BeginAsync(BeginRequest[] requests)
    {
        foreach (var request in requests.Where(request => request.IfMissing is not null && !_records.ContainsKey(request.JobId)))
        {
            _removesOnFail[request.JobId] = request.IfMissing!.RemoveOnFail;
        }

        var results = await _store.BeginAsync(_queue, requests, _cancel);
        for (var i = 0; i < requests.Length; i++)
        {
            var id = requests[i].JobId;
            Say(results[i].Outcome);
            if (results[i].Run is { } run)
            {
                ForgetRunsOfEarlierLife(id);
                Say($"{run.Key} {run.Attempt}/{run.MaxAttempts} {run.ReadySince:O} {Encoding.UTF8.GetString(run.Data.Span)}");
                Assert.InRange(run.Attempt, 1, run.MaxAttempts);
                _leases[id] = Now + _options.Lease;
                if (_holders.TryGetValue(id, out var token))
                {
                    // Whoever holds the run got it again.
                    Assert.Equal((token, _names[run.Key]), (run.Key.Token, requests[i].Holder));
                    continue;
                }

                Assert.DoesNotContain(run.Key, _runs);
                _holders[id] = run.Key.Token;
                _names[run.Key] = requests[i].Holder!;
                _runs.Add(run.Key);
            }
            else if (results[i].Outcome == BeginOutcome.Running)
            {
                Assert.True(_holders.ContainsKey(id), $"{id} is said to run, but does not");
            }
        }
    }

    private async Task FinishAsync(RunKey run, RunEndKind kind, TimeSpan delay, bool isTwice)
    {
        var end = new RunEnd(run, kind)
        {
            Delay = delay,
            Result = kind == RunEndKind.Completed ? Json("7") : default,
            Error = kind == RunEndKind.Completed ? null : new JobError("no"),
            Logs = ["ended"],
        };
        var states = await _store.FinishAsync(_queue, isTwice ? [end, end] : [end], _cancel);
        Say(string.Join(',', states));
        var wasCancelled = states[0] == LeaseState.CancelRequested;
        if (_ended.TryGetValue(run, out var before) && before.Kind == kind && states[0] != LeaseState.Lost)
        {
            // The end that was taken before is told again.
            Assert.Equal(before.Answer, states[0]);
            return;
        }

        CheckFence(run, states[0]);
        if (states[0] == LeaseState.Lost)
        {
            return;
        }

        _ended[run] = (kind, states[0]);
        _holders.Remove(run.JobId);
        if (isTwice)
        {
            Assert.Equal(states[0], states[1]);
        }

        var made = _records[run.JobId].AttemptsMade;
        if (await _store.GetAsync(_queue, run.JobId, _cancel) is { } record)
        {
            Assert.Equal(made + (kind is RunEndKind.Snoozed or RunEndKind.Released && !wasCancelled ? 0 : 1), record.AttemptsMade);
        }
    }

    private async Task RenewAsync(RunKey run)
    {
        var state = (await _store.RenewAsync(_queue, [run], _cancel))[0];
        Say(state);
        CheckFence(run, state);
        if (state != LeaseState.Lost)
        {
            _leases[run.JobId] = Now + _options.Lease;
        }
    }

    private async Task ReportAsync(RunKey run, int what)
    {
        var state = (await _store.ReportAsync(
            _queue,
            [new RunReport(run) { Sequence = ++_reports, Progress = Json($$"""{"percentage":{{what % 100}}}"""), Logs = ["line"], Step = what % 2 == 0 ? $"s{what % 3}" : null, StepResult = Json("1") }],
            _cancel))[0];
        Say(state);
        CheckFence(run, state);
    }

    /// <summary>Once its tombstone has gone too, an id is a new job's, whose fencing tokens begin anew.</summary>
    private void ForgetRunsOfEarlierLife(string id)
    {
        if (!_records.ContainsKey(id))
        {
            _runs.RemoveAll(run => run.JobId == id);
            foreach (var run in _ended.Keys.Where(run => run.JobId == id).ToList())
            {
                _ended.Remove(run);
            }
        }
    }

    private void CheckFence(RunKey run, LeaseState state) =>
        Assert.Equal(_holders.TryGetValue(run.JobId, out var token) && token == run.Token, state != LeaseState.Lost);

    private async Task TakeDueAsync(int limit)
    {
        var due = await _store.TakeDueAsync(_queue, limit, _cancel);
        _taken = [.. due.Jobs.Select(job => new JobClaim(job.JobId, job.Claim))];
        Say($"{string.Join(',', due.Jobs.Select(job => job with { Claim = 0 }))} {due.NextDueIn}");
        Assert.InRange(_taken.Count, 0, limit);
        _events.AddRange(due.Jobs.Select(job => job.JobId));
    }

    private async Task ReconcileAsync(TimeSpan minimumAge, int limit)
    {
        var ages = JobLanes.All.ToDictionary(lane => lane.Priority, _ => TimeSpan.Zero);
        Say(await _store.ReconcileAsync(_queue, ages, minimumAge, limit, _cancel));
    }

    private async Task ConfirmDeadLettersAsync(string[] ids)
    {
        await _store.ConfirmDeadLettersAsync(_queue, ids, _cancel);
        _owesDeadLetter.ExceptWith(ids);
    }

    /// <summary>Looks at everything, and compares it with what was before the step.</summary>
    private async Task CheckAsync(HistoryStepKind kind)
    {
        var records = (await _store.ListAsync(_queue, new JobQuery(Limit: 100), _cancel)).Jobs.ToDictionary(job => job.JobId);
        foreach (var id in Ids)
        {
            var from = _records.GetValueOrDefault(id);
            var to = records.GetValueOrDefault(id);
            CheckMove(kind, id, Letter(from), Letter(to));
            if (to is not null)
            {
                Assert.InRange(to.AttemptsMade, 0, to.MaxAttempts);
                Assert.Equal(to.State == JobState.Active, _holders.ContainsKey(id));
                Assert.Equal(to.State is JobState.Completed or JobState.Failed, to.FinishedAt is not null);
            }
        }

        _records = records;
        await CheckMetricsAsync();
    }

    private void CheckMove(HistoryStepKind kind, string id, char from, char to)
    {
        if (from == to)
        {
            return;
        }

        if (from == '-' && to != 'A')
        {
            ForgetRunsOfEarlierLife(id);
        }

        var move = $"{from}{to}";
        Assert.True(AllowedMoves(kind).Contains(move, StringComparison.Ordinal), $"{kind} moved {id} {move}");
        if (from == '-' && _gone.TryGetValue(id, out var gone))
        {
            Assert.True(Now >= gone + _options.KeepTombstonesFor, $"{id} came back within its tombstone's time");
        }

        if (from == 'F' && to == '-' && kind is not (HistoryStepKind.Remove or HistoryStepKind.Clean))
        {
            Assert.False(_owesDeadLetter.Contains(id), $"{id} was forgotten before its dead letter was out");
        }

        if (kind == HistoryStepKind.ConfirmDeadLetters)
        {
            Assert.True(_removesOnFail[id], $"{id} was forgotten without having asked for it");
        }

        if (kind == HistoryStepKind.RecoverStalled && from == 'A')
        {
            Assert.True(_leases[id] <= Now, $"{id} was taken from a run whose lease had not run out");
            _holders.Remove(id);
        }

        if (to == '-')
        {
            _gone[id] = Now;
        }

        if (to == 'F')
        {
            _owesDeadLetter.Add(id);
        }
        else
        {
            _owesDeadLetter.Remove(id);
        }
    }

    /// <summary>The moves that a step may make: - no record, W waiting or paused, D delayed, A active, C completed, F failed.</summary>
    private static string AllowedMoves(HistoryStepKind kind) => kind switch
    {
        HistoryStepKind.Add or HistoryStepKind.AddBatch => "-W -D -F",
        HistoryStepKind.Deliver => "WA",
        HistoryStepKind.DeliverDescribed => "WA -A -W -D -F",
        HistoryStepKind.Finish => "AC AD AW AF A- C- F-",
        HistoryStepKind.TakeDue => "DW",
        HistoryStepKind.RecoverStalled => "AW AF C- F-",
        HistoryStepKind.ConfirmDeadLetters => "F-",
        HistoryStepKind.FailUndeliverable => "WF -F",
        HistoryStepKind.Retry or HistoryStepKind.RetryAll => "FW",
        HistoryStepKind.Promote => "DW",
        HistoryStepKind.Cancel => "WF DF",
        HistoryStepKind.Remove => "W- D- C- F-",
        HistoryStepKind.Clean or HistoryStepKind.Trim => "C- F-",
        _ => string.Empty,
    };

    private static char Letter(JobRecord? record) => record?.State switch
    {
        null => '-',
        JobState.Waiting or JobState.Paused => 'W',
        JobState.Delayed => 'D',
        JobState.Active => 'A',
        JobState.Completed => 'C',
        _ => 'F',
    };

    private async Task CheckMetricsAsync()
    {
        var metrics = (await _store.GetMetricsAsync([_queue], _cancel))[0];
        Say(metrics with { OldestWaitingAt = null }); // To within a second.
        Assert.Equal(
            metrics.Added,
            metrics.Waiting + metrics.Delayed + metrics.Active + metrics.Paused + metrics.Completed + metrics.Failed + metrics.Removed);
        Assert.Equal(_records.Values.LongCount(job => Letter(job) == 'W'), metrics.Waiting + metrics.Paused);
        Assert.Equal(_records.Values.LongCount(job => job.State == JobState.Delayed), metrics.Delayed);
        Assert.Equal(_records.Values.LongCount(job => job.State == JobState.Active), metrics.Active);
        Assert.Equal(_records.Values.LongCount(job => job.State == JobState.Completed), metrics.Completed);
        Assert.Equal(_records.Values.LongCount(job => job.State == JobState.Failed), metrics.Failed);
        Assert.True(metrics.IsPaused ? metrics.Waiting == 0 : metrics.Paused == 0);
    }

    /// <summary>
    /// All events are lost and all runs die; then the queue is resumed and left to its maintenance. Every job must end, and every failed one's dead
    /// letter must be handed out.
    /// </summary>
    private async Task LetGoAsync()
    {
        foreach (var job in _records.Values)
        {
            Say(JsonSerializer.Serialize(job, JsonSerializerOptions.Web));
        }

        _events.Clear();
        await TakeAsync(new HistoryStep(HistoryStepKind.Resume, 0, 0));
        for (var round = 0; _records.Values.Any(job => Letter(job) is 'W' or 'D' or 'A'); round++)
        {
            Assert.True(round < 20, "jobs are left that never end");
            await TakeAsync(new HistoryStep(HistoryStepKind.Advance, Durations.Length - 1, 0));
            await TakeAsync(new HistoryStep(HistoryStepKind.RecoverStalled, 2, 0));
            await TakeAsync(new HistoryStep(HistoryStepKind.Advance, 2, 0));
            await TakeAsync(new HistoryStep(HistoryStepKind.RecoverStalled, 2, 0));
            await TakeAsync(new HistoryStep(HistoryStepKind.Reconcile, 0, 5));
            await TakeAsync(new HistoryStep(HistoryStepKind.TakeDue, 3, 0));
            while (_events.Count > 0)
            {
                await TakeAsync(new HistoryStep(HistoryStepKind.Deliver, 0, 1));
            }

            foreach (var (id, token) in _holders.ToList())
            {
                _runs.Add(new RunKey(id, token));
                await TakeAsync(new HistoryStep(HistoryStepKind.Finish, 0, (int)RunEndKind.Completed + (5 * 5)));
            }
        }

        // The clock may have stepped back since the last claim.
        _time.Advance(JobStoreRules.ClaimFor + TimeSpan.FromMinutes(5));
        var letters = await _store.TakeDeadLettersAsync(_queue, 100, _cancel);
        Assert.Equal(_owesDeadLetter.Order(StringComparer.Ordinal), letters.Select(letter => letter.Job.JobId).Order(StringComparer.Ordinal));
    }

    private void Say(object what) => _transcript.AppendLine(Convert.ToString(what, CultureInfo.InvariantCulture));
}
