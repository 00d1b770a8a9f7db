using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>A change and its entry in the audit log: both happen or neither, whoever dies in between.</summary>
public sealed class AnnouncedChangesTests(StoresRedis redis)
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(At);
    private readonly int _database = redis.NewDatabase();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_makes_a_change_and_dies__another_gateway_adds_its_entry__once()
    {
        var (queue, log, other, store) = (JobQueues.MessageIndexing, Log(), Log(), Store());
        using (log.Announce(Entry("PauseQueue", queue, "1")))
        {
            await store.PauseAsync(queue, Cancellation);
        }

        await other.CollectAsync(Cancellation);
        Assert.Empty(await other.ListAsync(10, Cancellation)); // It may be about to add it itself.
        _time.Advance(TimeSpan.FromMinutes(1));
        await other.CollectAsync(Cancellation);
        await other.CollectAsync(Cancellation);
        await log.CollectAsync(Cancellation);

        var entry = Assert.Single(await other.ListAsync(10, Cancellation));
        Assert.Equal(("PauseQueue", "somebody", "1"), (entry.Action, entry.Who, entry.Id));
        Assert.True((await Chain.VerifyAsync(other, Cancellation)).IsWhole);
    }

    [Fact]
    public async Task Whoever_makes_a_change_and_lives__adds_its_entry_with_what_came_of_it__and_nobody_does_so_again()
    {
        var (queue, log) = (JobQueues.MessageEncryption, Log());
        var (store, entry) = (Store(), Entry("CleanQueue", JobQueues.MessageEncryption, "2"));
        await FailAsync(store, queue, "a");
        using (log.Announce(entry))
        {
            Assert.Equal(1, await store.CleanAsync(queue, TimeSpan.FromMilliseconds(-1), TimeSpan.FromMilliseconds(-1), Cancellation));
        }

        await ((IAuditLog)log).AddAsync(entry with { Count = 1 }, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Equal(1, Assert.Single(await log.ListAsync(10, Cancellation)).Count);
    }

    [Fact]
    public async Task What_changes_nothing_and_what_is_done_without_a_request__is_not_on_record()
    {
        var (queue, log, store) = (JobQueues.MessageCleanup, Log(), Store());
        using (log.Announce(Entry("RetryJob", queue, "3")))
        {
            Assert.Equal(ChangeOutcome.NotFound, (await store.RetryAsync(queue, ["none"], null, Cancellation))[0]);
            Assert.Equal(0, await store.CleanAsync(queue, TimeSpan.Zero, TimeSpan.Zero, Cancellation));
            Assert.False(await store.ResumeAsync(queue, Cancellation));
        }

        await store.PauseAsync(queue, Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Empty(await log.ListAsync(10, Cancellation));
    }

    [Fact]
    public async Task Every_kind_of_change__has_its_entry()
    {
        var (queue, log, store) = (JobQueues.BatchMessageSending, Log(), Store());
        var schedules = new RedisVersionedStore<JobSchedule>(redis.Connection.GetDatabase(_database), GatewayStores.Schedules);
        var schedule = new JobSchedule { Id = "s", Queue = queue, Every = 1000, Job = System.Text.Json.JsonSerializer.SerializeToElement(new { }) };
        await FailAsync(store, queue, "a");
        await FailAsync(store, queue, "b");
        await FailAsync(store, queue, "d");
        await store.AddAsync(queue, [Job("c")], Cancellation);
        var changes = new (string Action, Func<Task> Change)[]
        {
            ("PauseQueue", () => store.PauseAsync(queue, Cancellation)), ("ResumeQueue", () => store.ResumeAsync(queue, Cancellation)),
            ("EditJob", () => store.RetryWithAsync(queue, Job("d"), DateTimeOffset.MaxValue, Cancellation)),
            ("RetryJob", () => store.RetryAsync(queue, ["a"], null, Cancellation)), ("RetryFailedJobs", () => store.RetryAsync(queue, null, null, Cancellation)),
            ("CancelJob", () => store.CancelAsync(queue, "c", Cancellation)), ("RemoveJob", () => store.RemoveAsync(queue, "c", Cancellation)),
            ("PutSchedule", () => schedules.ReplaceAsync(null, schedule, Cancellation)), ("RemoveSchedule", () => schedules.RemoveAsync(queue, "s", Cancellation)),
        };
        foreach (var (action, change) in changes)
        {
            using (log.Announce(Entry(action, queue, action)))
            {
                await change();
            }
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Equal(changes.Select(change => change.Action).Order(), (await log.ListAsync(10, Cancellation)).Select(entry => entry.Action).Order());
    }

    [Fact]
    public async Task Added_jobs__have_their_request_on_record_with_them__once_a_request__and_only_if_any_is_new()
    {
        var (queue, log, store) = (JobQueues.MessageDelivery, Log(), Store());
        JobNote Note(string id) => log.NoteOf(Entry("AddJob", queue, id) with { Target = id })!;
        var (bulk, known) = (Note("bulk"), Note("known"));

        // As single adds share a call, and a bulk has one note for all of its jobs.
        await store.AddAsync(queue, [Job("a") with { Note = Note("a") }, Job("b"), Job("c") with { Note = bulk }, Job("d") with { Note = bulk }, Job("e") with { Note = Note("e"), Delay = TimeSpan.FromHours(1) }], Cancellation);
        await store.AddAsync(queue, [Job("a") with { Note = known }, Job("e") with { Note = known }], Cancellation);
        await store.AddAsync(queue, [Job("d") with { Note = Note("half") }, Job("f") with { Note = Note("f") }], Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.CollectAsync(Cancellation);

        Assert.Equal(["a", "bulk", "e", "f"], (await log.ListAsync(10, Cancellation)).Select(entry => entry.Id).Order());
        Assert.NotNull(await store.GetAsync(queue, "f", Cancellation));
    }

    [Fact]
    public async Task What_several_add_at_once__and_whoever_made_it_after_them__is_in_the_log_once()
    {
        var (queue, store) = (JobQueues.MessageDelivery, Store());
        RedisAuditLog[] logs = [Log(), Log(), Log()];
        var entries = Enumerable.Range(0, 450).Select(n => Entry("AddJob", queue, $"e{n}")).ToList();
        foreach (var some in entries.Chunk(150))
        {
            await store.AddAsync(queue, [.. some.Select(entry => Job(entry.Id!) with { Note = logs[0].NoteOf(entry) })], Cancellation);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll([.. logs.Select(log => log.CollectAsync(Cancellation)), logs[0].AddAsync(entries[..100], Cancellation)]);
        await logs[1].AddAsync([.. entries[..10], Entry("PauseQueue", queue, "new")], Cancellation);

        var all = await logs[2].ListAsync(1_000, Cancellation);
        Assert.Equal(entries.Select(entry => entry.Id).Append("new").Order(), all.Select(entry => entry.Id).Order());
        Assert.True((await Chain.VerifyAsync(logs[2], Cancellation)).IsWhole);
        Assert.False(await redis.Connection.GetDatabase(_database).KeyExistsAsync($"wc:{{{queue}}}:announced"));
    }

    [Fact]
    public async Task What_is_about_to_be_changed_elsewhere__is_on_record_first__and_stays_unless_somebody_says_what_came_of_it()
    {
        var (log, other) = (Log(), Log());
        var entry = new AuditEntry(_time.GetUtcNow(), "somebody", "LiftLegalHold", Outcome: "asked");
        await log.IntendAsync(entry with { Id = "dies" }, Cancellation);
        await log.IntendAsync(entry with { Id = "lives" }, Cancellation);
        await log.IntendAsync(entry with { Id = "refused", Queue = JobQueues.MessageNotification }, Cancellation);
        await ((IAuditLog)log).AddAsync(entry with { Id = "lives", Outcome = "done" }, Cancellation);
        await log.ForgetAsync(entry with { Id = "refused", Queue = JobQueues.MessageNotification });

        _time.Advance(TimeSpan.FromMinutes(1));
        await other.CollectAsync(Cancellation);

        Assert.Equal([("dies", "asked"), ("lives", "done")], (await other.ListAsync(10, Cancellation)).Select(one => (one.Id!, one.Outcome!)).Order());
    }

    private static AuditChain Chain { get; } = new(SealedScheduleTests.Ring("a", "a"));

    private RedisAuditLog Log() => new(redis.Connection.GetDatabase(_database), Chain, Options.Create(new AuditOptions()), _time);

    private RedisJobStore Store() => new(redis.Connection, _database, _ => new QueueOptions());

    private AuditEntry Entry(string action, string queue, string id) => new(_time.GetUtcNow(), "somebody", action, queue, Outcome: "done") { Id = id };

    private static NewJob Job(string id) => new() { JobId = id, Type = "x", Data = "{}"u8.ToArray() };

    private static async Task FailAsync(RedisJobStore store, string queue, string id)
    {
        await store.AddAsync(queue, [Job(id)], Cancellation);
        var run = (await store.BeginAsync(queue, [new BeginRequest(id)], Cancellation))[0].Run!.Key;
        await store.FinishAsync(queue, [new RunEnd(run, RunEndKind.Failed)], Cancellation);
    }
}
