using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Tests;

/// <summary>The in-memory job store keeps the contract of all job stores.</summary>
public sealed class InMemoryJobStoreFactory : IJobStoreFactory
{
    public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new InMemoryJobStore(options, time);
}

public sealed class InMemoryAddingTests() : AddingContract(new InMemoryJobStoreFactory());

public sealed class InMemoryRunningTests() : RunningContract(new InMemoryJobStoreFactory());

public sealed class InMemoryStallingTests() : StallingContract(new InMemoryJobStoreFactory());

public sealed class InMemoryLostAnswerTests() : LostAnswerContract(new InMemoryJobStoreFactory());

public sealed class InMemoryEventsTests() : EventsContract(new InMemoryJobStoreFactory());

public sealed class InMemoryArrivalsTests() : ArrivalsContract(new InMemoryJobStoreFactory());

public sealed class InMemoryReportingTests() : ReportingContract(new InMemoryJobStoreFactory());

public sealed class InMemoryOperationsTests() : OperationsContract(new InMemoryJobStoreFactory());

public sealed class InMemoryFailuresTests() : FailuresContract(new InMemoryJobStoreFactory());

public sealed class InMemoryWorkersTests() : WorkersContract(new InMemoryJobStoreFactory());

public sealed class InMemoryReadingTests() : ReadingContract(new InMemoryJobStoreFactory());

public sealed class InMemoryHistoryTests() : HistoryContract(new InMemoryJobStoreFactory())
{
    protected override int Histories => RandomCases.Count(3_000);
}
