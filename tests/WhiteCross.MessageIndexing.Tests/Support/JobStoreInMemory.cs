using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageIndexing.Tests;

/// <summary>The job store in memory, for a service whose sidecar the test itself plays.</summary>
public static class JobStoreInMemory
{
    public static InMemoryJobStore Create() => new(queue => JobQueues.DefaultOptions(queue));

    public static void AddJobStore(this IServiceCollection services, InMemoryJobStore store)
    {
        services.AddSingleton<IJobStore>(store);
        services.AddSingleton<ILaneInspector, NoLanes>();
    }

    private sealed class NoLanes : ILaneInspector
    {
        public Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<JobPriority, TimeSpan>>(new Dictionary<JobPriority, TimeSpan>());

        public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Task.FromResult(0L);
    }
}
