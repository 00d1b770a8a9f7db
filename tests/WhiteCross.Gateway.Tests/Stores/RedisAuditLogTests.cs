namespace WhiteCross.Gateway.Tests;

public sealed class RedisAuditLogTests(StoresRedis redis)
{
    [Fact]
    public async Task Entries__come_back_newest_first_and_whole()
    {
        var log = new RedisAuditLog(redis.Connection.GetDatabase(7));
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        AuditEntry[] entries = [new(at, "root", "CleanQueue", "message-delivery", Count: 17), new(at.AddSeconds(1), "root", "RemoveJob", "message-delivery", "a/b")];

        foreach (var entry in entries)
        {
            await log.AddAsync(entry, TestContext.Current.CancellationToken);
        }

        Assert.Equal(entries.Reverse(), await log.ListAsync(10, TestContext.Current.CancellationToken));
        Assert.Equal([entries[1]], await log.ListAsync(1, TestContext.Current.CancellationToken));
    }
}
