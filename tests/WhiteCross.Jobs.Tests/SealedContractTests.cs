using System.Security.Cryptography;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;
using WhiteCross.Jobs.StoreContract;

namespace WhiteCross.Jobs.Tests;

/// <summary>A store whose records are sealed keeps the contract of all job stores: nobody notices.</summary>
public sealed class SealedJobStoreFactory : IJobStoreFactory
{
    public static string Key { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public IJobStore Create(Func<string, QueueOptions> options, TimeProvider time) => new SealedJobStore(
        new InMemoryJobStore(options, time), new JobSeal(SealingKeys.Parse($$"""{ "current": "one", "keys": { "one": "{{Key}}" } }""")));
}

public sealed class SealedAddingTests() : AddingContract(new SealedJobStoreFactory());

public sealed class SealedRunningTests() : RunningContract(new SealedJobStoreFactory());

public sealed class SealedReportingTests() : ReportingContract(new SealedJobStoreFactory());

public sealed class SealedLostAnswerTests() : LostAnswerContract(new SealedJobStoreFactory());

public sealed class SealedArrivalsTests() : ArrivalsContract(new SealedJobStoreFactory());
