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

public sealed class RedisFailuresTests(JobStoreRedis redis) : FailuresContract(redis);

public sealed class RedisWorkersTests(JobStoreRedis redis) : WorkersContract(redis);

public sealed class RedisReadingTests(JobStoreRedis redis) : ReadingContract(redis);
