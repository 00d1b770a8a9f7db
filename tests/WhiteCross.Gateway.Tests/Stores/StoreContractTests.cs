using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Gateway.Tests;

public sealed class InMemoryUndoableRetryTests() : UndoableRetryContract(new StoresInMemory(), new InMemoryUndoableRetryStore());

public sealed class InMemoryScheduleTests() : ScheduleContract(new StoresInMemory(), new InMemoryScheduleStore());

public sealed class InMemoryAlertTests() : AlertContract(new InMemoryAlertStore());

public sealed class InMemoryHealthHistoryTests() : HealthHistoryContract(() => new InMemoryHealthHistory());

public sealed class RedisUndoableRetryTests(StoresRedis redis) : UndoableRetryContract(redis, new RedisUndoableRetryStore(redis.Database));

public sealed class RedisScheduleTests(StoresRedis redis) : ScheduleContract(redis, new RedisScheduleStore(redis.Database));

public sealed class RedisAlertTests(StoresRedis redis) : AlertContract(new RedisAlertStore(redis.Database));

public sealed class RedisHealthHistoryTests(StoresRedis redis) : HealthHistoryContract(() =>
{
    // A database of its own, empty for each test.
    var database = redis.Connection.GetDatabase(HistoryDatabase);
    database.Execute("FLUSHDB");
    return new RedisHealthHistory(database);
})
{
    private const int HistoryDatabase = 9;
}
