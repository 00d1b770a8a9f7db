using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>
/// Every call may be repeated when its answer was lost: for each, two queues live through the same; in one of them the answer to the call is lost and
/// the call repeated. Afterwards nobody can tell them apart.
/// </summary>
public abstract class LostAnswerContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    private const string Holder = "instance-1";

    private readonly IJobStoreFactory _factory = factory;

    private static readonly string[] JobIds = ["a", "b", "c", "d"];

    private static readonly Dictionary<string, Func<Life, Task>> Calls = new(StringComparer.Ordinal)
    {
        [nameof(IJobStore.AddAsync)] = async life =>
            await life.CallAsync((store, queue) => store.AddAsync(queue, [Job("a"), Job("b") with { Delay = TimeSpan.FromSeconds(1) }, Job("c") with { Error = new JobError("no") }], Cancel)),
        [nameof(IJobStore.ReceiveAsync)] = async life =>
            await life.CallAsync((store, queue) => store.ReceiveAsync(queue, [Job("a"), Job("b") with { Delay = TimeSpan.FromSeconds(1) }, Job("c") with { Error = new JobError("no") }], Cancel)),
        [nameof(IJobStore.HoldAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"));
            await life.BeginAsync("b");
            Assert.Equal([true, false], await life.CallAsync((store, queue) => store.HoldAsync(queue, ["a", "b"], Cancel)));
        },
        [nameof(IJobStore.BeginAsync)] = async life =>
        {
            await life.AddAsync(Job("a") with { MaxAttempts = 1 }, Job("b"));
            var begun = await life.CallAsync((store, queue) => store.BeginAsync(
                queue, [new BeginRequest("a", Holder: Holder), new BeginRequest("b", Holder: Holder), new BeginRequest("c", Job("c"), Holder)], Cancel));
            Assert.All(begun, result => Assert.Equal((BeginOutcome.Started, 1L, 1), (result.Outcome, result.Run!.Key.Token, result.Run.Attempt)));
            var ended = await life.Store.FinishAsync(life.Queue, [.. begun.Select(result => new RunEnd(result.Run!.Key, RunEndKind.Completed))], Cancel);
            Assert.All(ended, state => Assert.Equal(LeaseState.Held, state));
        },
        [nameof(IJobStore.FinishAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"), Job("c") with { RemoveOnComplete = true }, Job("d"));
            var runs = await life.BeginAsync("a", "b", "c", "d");
            var states = await life.CallAsync((store, queue) => store.FinishAsync(
                queue,
                [
                    new RunEnd(runs[0], RunEndKind.Completed) { Result = Json("1"), Logs = ["done"] }, new RunEnd(runs[1], RunEndKind.Retry) { Error = new JobError("busy") },
                    new RunEnd(runs[2], RunEndKind.Completed), new RunEnd(runs[3], RunEndKind.Snoozed) { Delay = TimeSpan.FromSeconds(1), SnoozeReason = "breaker open" },
                ],
                Cancel));
            Assert.All(states, state => Assert.Equal(LeaseState.Held, state));
        },
        [nameof(IJobStore.RenewAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            var runs = await life.BeginAsync("a");
            Assert.Equal([LeaseState.Held], await life.CallAsync((store, queue) => store.RenewAsync(queue, runs, Cancel)));
        },
        [nameof(IJobStore.ReportAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            var run = (await life.BeginAsync("a"))[0];
            RunReport report = new(run) { Sequence = 1, Progress = Json("""{"percentage":7}"""), Logs = ["one", "two"], Step = "mail", StepResult = Json("1") };
            Assert.Equal([LeaseState.Held], await life.CallAsync((store, queue) => store.ReportAsync(queue, [report], Cancel)));
            await life.Store.ReportAsync(life.Queue, [report with { Sequence = 2, Logs = ["three"] }], Cancel);
            Assert.Equal(["one", "two", "three"], (await life.Store.GetAsync(life.Queue, "a", Cancel))!.Logs);
        },
        [nameof(IJobStore.TakeDueAsync)] = async life =>
        {
            await life.AddAsync(Job("a") with { Delay = TimeSpan.FromMilliseconds(-1) }, Job("b"));
            await life.Store.RequestEventsAsync(life.Queue, ["a", "b"], Cancel);
            await life.CallAsync((store, queue) => store.TakeDueAsync(queue, 10, Cancel));
        },
        [nameof(IJobStore.ConfirmPublishedAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"));
            await life.Store.RequestEventsAsync(life.Queue, ["a", "b"], Cancel);
            var due = await life.Store.TakeDueAsync(life.Queue, 10, Cancel);
            await life.CallAsync((store, queue) => store.ConfirmPublishedAsync(queue, [new JobClaim("a", due.Jobs[0].Claim)], Cancel));
        },
        [nameof(IJobStore.RequestEventsAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            await life.CallAsync((store, queue) => store.RequestEventsAsync(queue, [new JobClaim("a", JobClaim.None)], Cancel));
        },
        [nameof(IJobStore.ReconcileAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            life.Advance(TimeSpan.FromSeconds(1));
            await life.CallAsync((store, queue) => store.ReconcileAsync(
                queue, new Dictionary<JobPriority, TimeSpan> { [JobPriority.Normal] = TimeSpan.Zero }, TimeSpan.Zero, 10, Cancel));
        },
        [nameof(IJobStore.RecoverStalledAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b") with { MaxAttempts = 1 });
            await life.BeginAsync("a", "b");
            life.Advance(new QueueOptions().Lease);
            await life.CallAsync((store, queue) => store.RecoverStalledAsync(queue, 10, Cancel));
        },
        [nameof(IJobStore.TakeDeadLettersAsync)] = async life =>
        {
            await life.AddAsync(Job("a") with { Error = new JobError("no") });
            await life.CallAsync((store, queue) => store.TakeDeadLettersAsync(queue, ["a"], Cancel));
        },
        [nameof(IJobStore.ConfirmDeadLettersAsync)] = async life =>
        {
            await life.AddAsync(Job("a") with { Error = new JobError("no") }, Job("b") with { Error = new JobError("no"), RemoveOnFail = true });
            var owed = await life.Store.TakeDeadLettersAsync(life.Queue, ["a", "b"], Cancel);
            await life.CallAsync((store, queue) => store.ConfirmDeadLettersAsync(queue, [.. owed.Select(letter => new JobClaim(letter.Job.JobId, letter.Claim))], Cancel));
        },
        [nameof(IJobStore.FailUndeliverableAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            await life.CallAsync((store, queue) => store.FailUndeliverableAsync(queue, Job("a"), Cancel));
        },
        [nameof(IJobStore.TrimAsync)] = async life =>
        {
            await life.AddEndedAsync();
            await life.CallAsync((store, queue) => store.TrimAsync(queue, Cancel));
        },
        [nameof(IJobStore.RetryAsync)] = async life =>
        {
            await life.AddEndedAsync();
            await life.CallAsync((store, queue) => store.RetryAsync(queue, jobIds: null, failedUntil: null, Cancel));
        },
        [nameof(IJobStore.PromoteAsync)] = async life =>
        {
            await life.AddAsync(Job("a") with { Delay = TimeSpan.FromHours(1) });
            await life.CallAsync((store, queue) => store.PromoteAsync(queue, "a", Cancel));
        },
        [nameof(IJobStore.CancelAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"));
            await life.BeginAsync("b");
            Assert.Equal(ChangeOutcome.Done, await life.CallAsync((store, queue) => store.CancelAsync(queue, "a", Cancel)));
            Assert.Equal(ChangeOutcome.Done, await life.CallAsync((store, queue) => store.CancelAsync(queue, "b", Cancel)));
        },
        [nameof(IJobStore.RemoveAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"));
            await life.CallAsync((store, queue) => store.RemoveAsync(queue, "a", Cancel));
        },
        [nameof(IJobStore.RetryWithAsync)] = async life =>
        {
            await life.AddEndedAsync();
            await life.CallAsync((store, queue) => store.RetryWithAsync(queue, Job("b") with { Data = Json("2") }, DateTimeOffset.MaxValue, Cancel));
        },
        [nameof(IJobStore.AmendResultAsync)] = async life =>
        {
            await life.AddEndedAsync();
            await life.CallAsync((store, queue) => store.AmendResultAsync(queue, "a", Json("2"), Cancel));
        },
        [nameof(IJobStore.RecallAsync)] = async life =>
        {
            await life.AddAsync(Job("a"), Job("b"));
            await life.CallAsync((store, queue) => store.RecallAsync(queue, ["a"], Cancel));
        },
        [nameof(IJobStore.PauseAsync)] = async life =>
        {
            await life.AddAsync(Job("a"));
            await life.CallAsync((store, queue) => store.PauseAsync(queue, Cancel));
        },
        [nameof(IJobStore.ResumeAsync)] = async life =>
        {
            await life.Store.PauseAsync(life.Queue, Cancel);
            await life.AddAsync(Job("a"));
            await life.CallAsync((store, queue) => store.ResumeAsync(queue, Cancel));
        },
        [nameof(IJobStore.CleanAsync)] = async life =>
        {
            await life.AddEndedAsync();
            await life.CallAsync((store, queue) => store.CleanAsync(queue, TimeSpan.FromMilliseconds(-1), TimeSpan.FromDays(1), Cancel));
        },
    };

    public static TheoryData<string> Names => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_call_that_was_repeated_since_its_answer_was_lost_leaves_what_one_call_leaves(string call)
    {
        var answered = new Life(this, isAnswerLost: false);
        var lost = new Life(this, isAnswerLost: true);
        await Calls[call](answered);
        await Calls[call](lost);
        Assert.Equal(await answered.LookAsync(), await lost.LookAsync());

        // And the same of what is still to come of it.
        answered.Advance(Options.Lease + JobStoreRules.ClaimFor);
        lost.Advance(Options.Lease + JobStoreRules.ClaimFor);
        Assert.Equal(await answered.LetGoAsync(), await lost.LetGoAsync());
    }

    [Fact]
    public void Every_call_that_changes_something_is_tried()
    {
        var changing = typeof(IJobStore).GetInterfaces().Append(typeof(IJobStore)).SelectMany(type => type.GetMethods()).Where(method => !method.IsSpecialName).Select(method => method.Name)
            .Where(name => name is not (nameof(IJobStore.IsAvailableAsync) or nameof(IJobStore.GetMemoryAsync) or nameof(IJobStore.WatchAsync))
                && !name.StartsWith("Get", StringComparison.Ordinal) && !name.StartsWith("List", StringComparison.Ordinal));
        Assert.Equal(changing.Distinct().Order(StringComparer.Ordinal), Calls.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_job_whose_add_was_not_answered_is_known_by_its_data_when_it_is_added_again()
    {
        var life = new Life(this, isAnswerLost: true);
        var result = (await life.CallAsync((store, queue) => store.AddAsync(queue, [Job("a")], Cancel)))[0];
        Assert.Equal((AddOutcome.Exists, JobState.Waiting, true), (result.Outcome, result.State, result.SameData));
    }

    [Fact]
    public async Task Another_holder_does_not_get_the_run_and_the_same_one_gets_it_once_in_a_call()
    {
        await AddAsync("a");
        var first = (await BeginAsync("a", holder: Holder)).Run!;
        Assert.Equal(BeginOutcome.Running, (await BeginAsync("a", holder: "instance-2")).Outcome);
        Assert.Equal(BeginOutcome.Running, (await BeginAsync("a")).Outcome);

        var again = await Store.BeginAsync(Queue, [new BeginRequest("a", Holder: Holder), new BeginRequest("a", Holder: Holder)], Cancel);
        Assert.Equal([BeginOutcome.Started, BeginOutcome.Running], again.Select(result => result.Outcome));
        Assert.Equal(first with { Data = default }, again[0].Run! with { Data = default });
    }

    [Fact]
    public async Task A_run_that_is_asked_for_again_has_its_lease_anew()
    {
        await AddAsync("a");
        await BeginAsync("a", holder: Holder);
        await AdvanceAndRecoverAsync(Options.Lease - TimeSpan.FromSeconds(1));
        var run = (await BeginAsync("a", holder: Holder)).Run!;
        Assert.Equal(0, await AdvanceAndRecoverAsync(Options.Lease - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
    }

    [Fact]
    public async Task A_holder_whose_run_was_taken_from_it_does_not_get_the_next_holders()
    {
        await AddAsync("a");
        await BeginAsync("a", holder: Holder);
        Assert.Equal(1, await AdvanceAndRecoverAsync(Options.Lease));
        Assert.Equal(2, (await BeginAsync("a")).Run!.Key.Token); // An earlier version, which names no holder.
        Assert.Equal(BeginOutcome.Running, (await BeginAsync("a", holder: Holder)).Outcome);
    }

    [Fact]
    public async Task The_end_of_a_run_is_told_again_also_when_the_record_has_gone_and_no_other_end_is()
    {
        await AddAsync(Job("a") with { RemoveOnComplete = true });
        var run = await StartAsync("a");
        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
        Assert.Null(await FindAsync("a"));

        Assert.Equal(LeaseState.Held, await CompleteAsync(run));
        Assert.Equal(LeaseState.Lost, await FinishAsync(new RunEnd(run.Key, RunEndKind.Retry)));
        Assert.Equal(LeaseState.Lost, await FinishAsync(new RunEnd(run.Key with { Token = 2 }, RunEndKind.Completed)));
        Assert.Equal(1, (await MetricsAsync()).CompletedTotal);
    }

    [Fact]
    public async Task A_cancelled_run_that_ends_again_hears_again_that_it_was_cancelled()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.CancelAsync(Queue, "a", Cancel);
        Assert.Equal(LeaseState.CancelRequested, await RetryLaterAsync(run, TimeSpan.Zero));
        Assert.Equal(LeaseState.CancelRequested, await RetryLaterAsync(run, TimeSpan.Zero));
        Assert.Equal(1, (await MetricsAsync()).FailedTotal);
    }

    [Fact]
    public async Task The_end_of_a_run_is_not_that_of_the_next_one()
    {
        await AddAsync("a");
        var first = await StartAsync("a");
        await FinishAsync(new RunEnd(first.Key, RunEndKind.Released));
        var second = await StartAsync("a");
        Assert.Equal(LeaseState.Held, await FinishAsync(new RunEnd(first.Key, RunEndKind.Released)));
        Assert.Equal(JobState.Active, await StateAsync("a"));
        Assert.Equal(LeaseState.Held, await CompleteAsync(second));
    }

    [Fact]
    public async Task An_end_of_an_earlier_job_of_the_same_id_says_nothing_of_the_new_one()
    {
        Options.KeepTombstonesFor = TimeSpan.FromSeconds(1);
        await AddCompletedAsync(Job("a") with { RemoveOnComplete = true });
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddAsync("a");
        var run = await StartAsync("a");
        await AdvanceAndRecoverAsync(Options.Lease);
        Assert.Equal(LeaseState.Lost, await CompleteAsync(run));
    }

    /// <summary>A queue, and a store of which the answer to one call may be lost.</summary>
    private sealed class Life(LostAnswerContract contract, bool isAnswerLost)
    {
        private readonly FakeTimeProvider _time = new(contract.Now);

        public IJobStore Store => field ??= contract._factory.Create(_ => contract.Options, _time);

        public string Queue { get; } = $"{contract.Queue}-{(isAnswerLost ? "lost" : "told")}";

        public async Task CallAsync(Func<IJobStore, string, Task> call) => await CallAsync<object?>(async (store, queue) =>
        {
            await call(store, queue);
            return null;
        });

        public async Task<T> CallAsync<T>(Func<IJobStore, string, Task<T>> call)
        {
            if (!isAnswerLost)
            {
                return await call(Store, Queue);
            }

            var losing = FaultyStore.Over(Store, _ => StoreFault.AnswerLost);
            await Assert.ThrowsAsync<JobStoreUnavailableException>(() => call(losing, Queue));
            return await call(Store, Queue);
        }

        public Task<IReadOnlyList<AddResult>> AddAsync(params NewJob[] jobs) => Store.AddAsync(Queue, jobs, Cancel);

        public async Task<RunKey[]> BeginAsync(params string[] ids) =>
            [.. (await Store.BeginAsync(Queue, [.. ids.Select(id => new BeginRequest(id))], Cancel)).Select(result => result.Run!.Key)];

        /// <summary>One that completed, and two that failed.</summary>
        public async Task AddEndedAsync()
        {
            await AddAsync(Job("a"), Job("b") with { Error = new JobError("no") }, Job("c") with { Error = new JobError("no") });
            var run = (await BeginAsync("a"))[0];
            await Store.FinishAsync(Queue, [new RunEnd(run, RunEndKind.Completed)], Cancel);
        }

        public void Advance(TimeSpan time) => _time.Advance(time);

        public async Task<string> LookAsync()
        {
            var jobs = (await Store.ListAsync(Queue, new JobQuery(WithData: true), Cancel)).Jobs.Select(job => job with { Queue = string.Empty });
            var metrics = (await Store.GetMetricsAsync([Queue], Cancel))[0] with { Name = string.Empty };
            return JsonSerializer.Serialize(new { jobs, metrics, known = await Store.GetStatesAsync(Queue, JobIds, Cancel) }, JsonSerializerOptions.Web);
        }

        /// <summary>What is handed out by and by.</summary>
        public async Task<string> LetGoAsync()
        {
            var stalled = await Store.RecoverStalledAsync(Queue, 10, Cancel);
            var due = (await Store.TakeDueAsync(Queue, 10, Cancel)).Jobs.Select(job => job.JobId);
            var letters = (await Store.TakeDeadLettersAsync(Queue, 10, Cancel)).Select(letter => letter.Job.JobId);
            return $"{stalled}; {string.Join(',', due)}; {string.Join(',', letters)}; {await LookAsync()}";
        }
    }
}
