using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Redis;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>What a job costs Redis, and what it leaves behind.</summary>
public sealed class RedisCostTests
{
    private const string Queue = "message-delivery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_costs_few_commands_over_its_whole_life_in_batches_of_fifty()
    {
        var (perJob, roundTrips) = await MeasureAsync(batch: 50, batches: 20);

        // Add: HSET. Begin: HMGET, HSET. Finish: HMGET, HSET. The rest is shared by the batch.
        Assert.InRange(perJob, 5, 6.5);
        Assert.Equal(3, roundTrips);
    }

    [Fact]
    public async Task Processing_costs_at_most_a_fifth_of_a_call_and_fifteen_commands_a_job_where_events_come_in_batches_of_fifty()
    {
        const int Batch = 50;
        const int Batches = 10;
        const int Rounds = 4;
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var options = new QueueOptions { Concurrency = 10, KeepCompleted = 100 };
        var store = new RedisJobStore(connection, 1, _ => options);
        await using var services = new ServiceCollection().BuildServiceProvider();
        JobInvoker invoke = static (_, _, _, _, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed());
        await using var worker = new QueueWorker(
            Queue,
            store,
            store,
            options,
            new JobHandlerTable([new("send-message", invoke)]),
            services.GetRequiredService<IServiceScopeFactory>(),
            new NoDeadLetters(),
            TimeProvider.System,
            NullLogger<QueueWorker>.Instance);
        worker.Start();

        async Task ProcessAsync(string name, int batches)
        {
            for (var i = 0; i < batches; i++)
            {
                string[] ids = [.. Enumerable.Range(0, Batch).Select(n => $"{name}-{i}-{n}")];
                await store.AddAsync(Queue, [.. ids.Select(Job)], Cancel);
                var verdicts = await Task.WhenAll(ids.Select(id => worker.DeliverAsync(new BeginRequest(id), JobPriority.Normal)));
                Assert.All(verdicts, verdict => Assert.Equal(DeliveryVerdict.Success, verdict));
            }
        }

        await ProcessAsync("before", 4);
        await store.RenewAsync(Queue, [new RunKey("before-0-0", 1)], Cancel); // On a slow machine leases are renewed within what is measured; its script is loaded by then.
        var admin = connection.GetServer(server.Host, server.Port);
        var (calls, commands) = (long.MaxValue, long.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            await admin.ExecuteAsync("CONFIG", "RESETSTAT");
            await ProcessAsync($"measured-{round}", Batches);
            var costs = Costs(await admin.InfoAsync("commandstats"));

            // The cheapest round counts: where the machine gives no time, fewer jobs come together.
            (calls, commands) = (Math.Min(calls, costs.Calls), Math.Min(commands, costs.Commands));
        }

        Assert.Equal(Batch * (4 + (Rounds * Batches)), (await store.GetMetricsAsync([Queue], Cancel))[0].CompletedTotal);

        // The adds are in it as well: one call a batch.
        Assert.InRange(calls / (double)(Batch * Batches), 0.05, 0.2);
        Assert.InRange(commands / (double)(Batch * Batches), 5, 15);
    }

    [Fact]
    public async Task A_job_alone_costs_a_bounded_number_of_commands_and_three_round_trips()
    {
        var (perJob, roundTrips) = await MeasureAsync(batch: 1, batches: 100);

        Assert.InRange(perJob, 5, 37);
        Assert.Equal(3, roundTrips);
    }

    [Fact]
    public async Task All_keys_of_a_queue_lie_in_one_slot_and_nothing_is_left_of_a_job_but_its_tombstone()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var store = new RedisJobStore(connection, 1, _ => new QueueOptions());
        await store.AddAsync(Queue, [Job("a"), Job("b") with { Delay = TimeSpan.FromHours(1) }, Job("c") with { Error = new JobError("no") }, Job("d")], Cancel);
        await store.RequestEventsAsync(Queue, ["a"], Cancel);
        var run = (await store.BeginAsync(Queue, [new BeginRequest("a")], Cancel))[0].Run!;
        await store.ReportAsync(Queue, [new RunReport(run.Key) { Step = "mail", StepResult = "1"u8.ToArray(), Logs = ["sent"] }], Cancel);
        await store.PauseAsync(Queue, Cancel);
        var slots = new HashSet<int>();
        await foreach (var key in connection.GetServer(server.Host, server.Port).KeysAsync(database: 1))
        {
            Assert.StartsWith("wc:{message-delivery}:", (string)key!, StringComparison.Ordinal);
            slots.Add(connection.HashSlot(key));
        }

        Assert.Single(slots);

        await store.FinishAsync(Queue, [new RunEnd(run.Key, RunEndKind.Completed)], Cancel);
        await store.ResumeAsync(Queue, Cancel);
        foreach (var id in (string[])["a", "b", "c", "d"])
        {
            await store.RemoveAsync(Queue, id, Cancel);
        }

        var left = new List<string>();
        await foreach (var key in connection.GetServer(server.Host, server.Port).KeysAsync(database: 1))
        {
            left.Add(((string)key!)["wc:{message-delivery}:".Length..]);
        }

        Assert.Equal(["causes", "counts", "ends", "minutes", "tombs", "tombs-failed"], left.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_jobs_are_found_by_costs_adding_no_command_and_is_looked_for_a_part_at_a_time()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var store = new RedisJobStore(connection, 1, _ => new QueueOptions());
        var admin = connection.GetServer(server.Host, server.Port);

        var without = await CommandsOfAddingAsync("without", []);
        var with = await CommandsOfAddingAsync("with", ["recipientId:1", "messageId:2", "senderId:3", "conversationId:4"]);
        Assert.Equal(without, with);

        // The oldest of many, which no other has beside it.
        await store.AddAsync(Queue, [Job("oldest") with { Terms = ["tag:x"] }], Cancel);
        for (var i = 0; i < 5; i++)
        {
            await store.AddAsync(Queue, [.. Enumerable.Range(0, 1000).Select(n => Job($"{i}-{n}"))], Cancel);
        }

        await admin.ExecuteAsync("CONFIG", "RESETSTAT");
        Assert.Equal("oldest", Assert.Single((await store.ListByTermAsync(Queue, "tag:x", 10, null, Cancel)).Jobs).JobId);
        var calls = (await admin.InfoAsync("commandstats")).SelectMany(group => group).Single(pair => pair.Key == "cmdstat_evalsha").Value;
        Assert.InRange(int.Parse(calls.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture), 2, 10);

        async Task<long> CommandsOfAddingAsync(string name, string[] terms)
        {
            await store.AddAsync(Queue, [Job($"{name}-first") with { Terms = terms }], Cancel);
            await admin.ExecuteAsync("CONFIG", "RESETSTAT");
            await store.AddAsync(Queue, [.. Enumerable.Range(0, 100).Select(n => Job($"{name}-{n}") with { Terms = terms })], Cancel);
            return Costs(await admin.InfoAsync("commandstats")).Commands;
        }
    }

    /// <summary>Commands inside Redis and round trips of a job's life: added, begun, completed, and an older one trimmed for it.</summary>
    private static async Task<(double CommandsPerJob, double RoundTripsPerBatch)> MeasureAsync(int batch, int batches)
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync();
        var store = new RedisJobStore(connection, 1, _ => new QueueOptions { KeepCompleted = 100 });

        async Task LiveAsync(int number)
        {
            string[] ids = [.. Enumerable.Range(0, batch).Select(n => $"{number}-{n}")];
            await store.AddAsync(Queue, [.. ids.Select(Job)], Cancel);
            var begun = await store.BeginAsync(Queue, [.. ids.Select(id => new BeginRequest(id))], Cancel);
            var states = await store.FinishAsync(Queue, [.. begun.Select(result => new RunEnd(result.Run!.Key, RunEndKind.Completed))], Cancel);
            Assert.All(states, state => Assert.Equal(LeaseState.Held, state));
        }

        // Beyond the number to keep, so that every end trims; and the scripts are known.
        for (var i = 0; i < 1 + (200 / batch); i++)
        {
            await LiveAsync(-i - 1);
        }

        var admin = connection.GetServer(server.Host, server.Port);
        await admin.ExecuteAsync("CONFIG", "RESETSTAT");
        for (var i = 0; i < batches; i++)
        {
            await LiveAsync(i);
        }

        var (calls, commands) = Costs(await admin.InfoAsync("commandstats"));
        return (commands / (double)(batch * batches), calls / (double)batches);
    }

    /// <summary>Calls of scripts, and the commands in them.</summary>
    private static (long Calls, long Commands) Costs(IGrouping<string, KeyValuePair<string, string>>[] statistics)
    {
        var calls = statistics.SelectMany(group => group)
            .ToDictionary(
                pair => pair.Key["cmdstat_".Length..],
                pair => long.Parse(pair.Value.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture),
                StringComparer.Ordinal);
        string[] ours = ["exists", "time", "hget", "hset", "hmget", "hincrby", "zadd", "zrem", "zcard", "zscore", "zmscore", "zrange", "unlink", "publish"];
        Assert.Empty(calls.Keys.Except([.. ours, "evalsha", "info", "config|resetstat", "ping", "client|setinfo", "get", "subscribe"], StringComparer.Ordinal));
        return (calls["evalsha"], ours.Sum(command => calls.GetValueOrDefault(command)));
    }

    private static NewJob Job(string id) => new() { JobId = id, Type = "send-message", Data = "{}"u8.ToArray() };

    private sealed class NoDeadLetters : IDeadLetterPublisher
    {
        public Task PublishAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("No job of these tests fails.");
    }
}
