using CsCheck;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

public sealed class RedisHistoryTests(JobStoreRedis redis) : HistoryContract(redis)
{
    private static readonly Gen<HistoryStep[]> WithoutStepsBack =
        HistoryStep.Histories.Select(steps => steps.Where(step => step.Kind != HistoryStepKind.StepClockBack).ToArray());

    protected override int Histories => RandomCases.Count(150);

    /// <summary>
    /// But for histories in which the clock is set back: Redis has only that clock, and notices it at the next sweep, while the memory's leases, claims and
    /// order go by one that nobody can set. What must hold then too, <see cref="HistoryContract"/> checks on each of them.
    /// </summary>
    [Fact]
    public Task Redis_answers_every_history_as_the_memory_does() => WithoutStepsBack.SampleAsync(
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
