using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Jobs.Redis.Tests;

public sealed class RedisAddingTests(JobStoreRedis redis) : AddingContract(redis);

public sealed class RedisRunningTests(JobStoreRedis redis) : RunningContract(redis);

public sealed class RedisStallingTests(JobStoreRedis redis) : StallingContract(redis);

public sealed class RedisLostAnswerTests(JobStoreRedis redis) : LostAnswerContract(redis);

public sealed class RedisEventsTests(JobStoreRedis redis) : EventsContract(redis);

public sealed class RedisArrivalsTests(JobStoreRedis redis) : ArrivalsContract(redis);

public sealed class RedisReportingTests(JobStoreRedis redis) : ReportingContract(redis);

public sealed class RedisOperationsTests(JobStoreRedis redis) : OperationsContract(redis);

public sealed class RedisHeldRetryTests(JobStoreRedis redis) : HeldRetryContract(redis);

public sealed class RedisWorkersTests(JobStoreRedis redis) : WorkersContract(redis);

public sealed class RedisReadingTests(JobStoreRedis redis) : ReadingContract(redis);

public sealed class RedisScheduleTests(JobStoreRedis redis) : ScheduleContract(redis, new RedisScheduleStore(redis.Connection, JobStoreRedis.Database));

public sealed class RedisAlertTests(JobStoreRedis redis) : AlertContract(new RedisAlertStore(redis.Connection, JobStoreRedis.Database));

public sealed class RedisHealthHistoryTests(JobStoreRedis redis) : HealthHistoryContract(() =>
{
    // A database of its own, empty for each test.
    redis.Connection.GetDatabase(HistoryDatabase).Execute("FLUSHDB");
    return new RedisHealthHistory(redis.Connection, HistoryDatabase);
})
{
    private const int HistoryDatabase = 9;
}
