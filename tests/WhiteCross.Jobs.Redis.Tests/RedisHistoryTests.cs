using CsCheck;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

public sealed class RedisHistoryTests(JobStoreRedis redis) : HistoryContract(redis)
{
    protected override int Histories => RandomCases.Count(150);

    [Fact]
    public Task Redis_answers_every_history_as_the_memory_does() => HistoryStep.Histories.SampleAsync(
        async steps =>
        {
            var cancel = TestContext.Current.CancellationToken;
            var expected = await JobHistory.LiveAsync(new InMemory(), steps, cancel);
            var actual = await JobHistory.LiveAsync(redis, steps, cancel);
            Assert.Equal(expected, actual);
        },
        iter: Histories,
        print: Print);

    private sealed class InMemory : IJobStoreFactory
    {
        public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new InMemoryJobStore(options, time);
    }
}
