using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Gateway.Tests;

public sealed class InMemoryUndoableRetryTests() : UndoableRetryContract(new StoresInMemory(), new InMemoryVersionedStore<UndoableRetry>(GatewayStores.Retries));

public sealed class InMemoryScheduleTests() : ScheduleContract(new StoresInMemory(), new InMemoryVersionedStore<JobSchedule>(GatewayStores.Schedules));

public sealed class InMemoryAlertTests() : AlertContract(new InMemoryVersionedStore<StoredAlert>(GatewayStores.Alerts));

public sealed class InMemoryHealthHistoryTests() : HealthHistoryContract(() => new InMemoryHealthHistory());

public sealed class InMemoryTrendTests() : TrendContract(new InMemoryTrendStore());

public sealed class RedisTrendTests(StoresRedis redis) : TrendContract(new RedisTrendStore(redis.Database));

public sealed class RedisUndoableRetryTests(StoresRedis redis) : UndoableRetryContract(redis, new RedisVersionedStore<UndoableRetry>(redis.Database, GatewayStores.Retries));

public sealed class RedisScheduleTests(StoresRedis redis) : ScheduleContract(redis, new RedisVersionedStore<JobSchedule>(redis.Database, GatewayStores.Schedules));

public sealed class RedisAlertTests(StoresRedis redis) : AlertContract(new RedisVersionedStore<StoredAlert>(redis.Database, GatewayStores.Alerts));

public sealed class RedisHealthHistoryTests(StoresRedis redis) : HealthHistoryContract(() =>
{
    // A database of its own, empty for each test.
    var database = redis.Connection.GetDatabase(redis.NewDatabase());
    database.Execute("FLUSHDB");
    return new RedisHealthHistory(database);
});
