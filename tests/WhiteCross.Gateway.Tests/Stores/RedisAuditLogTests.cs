using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway.Tests;

public sealed class RedisAuditLogTests(StoresRedis redis)
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AuditChain Chain = new(new JobSealing(
        new ConfigurationBuilder().AddInMemoryCollection([new(SealingKeys.Setting, "{\"current\":\"a\",\"keys\":{\"a\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}")]).Build(), NullLogger<JobSealing>.Instance));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries__come_back_newest_first_and_whole()
    {
        var log = Log(redis.NewDatabase());
        AuditEntry[] entries = [Entry("CleanQueue") with { Count = 17 }, Entry("RemoveJob") with { Target = "a/b", From = "10.0.0.1", Outcome = "done" }];

        foreach (var entry in entries)
        {
            await ((IAuditLog)log).AddAsync(entry, Cancellation);
        }

        Assert.Equal(entries.Reverse(), await log.ListAsync(10, Cancellation));
        Assert.Equal([entries[1]], await log.ListAsync(1, Cancellation));
    }

    [Fact]
    public async Task Two_gateways_write_one_chain_and_every_meddling_shows()
    {
        var number = redis.NewDatabase();
        var (one, other, database) = (Log(number), Log(number), redis.Connection.GetDatabase(number));
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(one.AddAsync([Entry($"a{i}"), Entry($"b{i}")], Cancellation), other.AddAsync([Entry($"c{i}")], Cancellation));
        }

        var whole = await Chain.VerifyAsync(one, Cancellation);
        Assert.Equal((true, 60, 1, 60), (whole.IsWhole, whole.Entries, whole.First, whole.Last));

        var entries = await database.StreamRangeAsync("wc:audit");
        await database.StreamDeleteAsync("wc:audit", [entries[30].Id]);
        var missing = await Chain.VerifyAsync(one, Cancellation);
        Assert.Equal((false, "Entries 31 to 31 are missing."), (missing.IsWhole, missing.Problem));

        // What is older than the log keeps goes from its beginning, and that is no meddling.
        await database.StreamTrimByMinIdAsync("wc:audit", entries[31].Id);
        Assert.True((await Chain.VerifyAsync(one, Cancellation)).IsWhole);

        // Somebody who can write to Redis, and has not the key.
        await database.StreamAddAsync("wc:audit", [new("entry", "{}"), new("number", 61), new("chain", "AAAA")]);
        Assert.Equal((false, 61), (await Chain.VerifyAsync(one, Cancellation)) is var forged ? (forged.IsWhole, (int)forged.Last) : default);
    }

    [Fact]
    public async Task Entries_go_with_their_time_and_not_with_their_number()
    {
        var database = redis.Connection.GetDatabase(redis.NewDatabase());
        var log = new RedisAuditLog(database, Chain, Options.Create(new AuditOptions { KeepDays = 1 }), TimeProvider.System);
        for (var i = 0; i < 110; i++)
        {
            await log.AddAsync([.. Enumerable.Range(0, 100).Select(n => Entry($"{i} {n}"))], Cancellation);
        }

        Assert.Equal(11_000, await database.StreamLengthAsync("wc:audit"));
        Assert.True((await Chain.VerifyAsync(log, Cancellation)).IsWhole);
    }

    private static AuditEntry Entry(string action) => new(At, "root", action, "message-delivery");

    private RedisAuditLog Log(int database) => new(redis.Connection.GetDatabase(database), Chain, Options.Create(new AuditOptions()), TimeProvider.System);
}
