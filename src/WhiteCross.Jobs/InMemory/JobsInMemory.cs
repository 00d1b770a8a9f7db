using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.InMemory;

/// <summary>Chooses the job store in memory by code, as tests and a whole system in one process do.</summary>
public static class JobsInMemory
{
    /// <summary>
    /// Sets <see cref="JobStoreOptions.Kind"/> to <see cref="JobStoreKind.Memory"/>. What has been registered before stays.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's type.</typeparam>
    /// <param name="builder">The service.</param>
    /// <param name="store">The store, which several services may share. Default: one of the service's own, on its clock and its queues' settings.</param>
    /// <param name="lanes">The view of the lanes' streams. Default: there is nothing to see.</param>
    public static TBuilder UseJobsInMemory<TBuilder>(this TBuilder builder, IJobStore? store = null, ILaneInspector? lanes = null)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Configuration.AddInMemoryCollection([new($"{JobStoreOptions.SectionName}:{nameof(JobStoreOptions.Kind)}", nameof(JobStoreKind.Memory))]);
        if (store is not null)
        {
            builder.Services.TryAddSingleton(store);
        }

        builder.Services.AddJobSealing();
        builder.Services.TryAddSingleton(Create);
        builder.Services.TryAddSingleton(lanes ?? new NoLanes());
        return builder;
    }

    private static IJobStore Create(IServiceProvider provider) => provider.GetRequiredService<JobSealing>().Seal(
        new InMemoryJobStore(provider.GetRequiredService<IOptionsMonitor<QueueOptions>>().Get, provider.GetService<TimeProvider>()));

    private sealed class NoLanes : ILaneInspector
    {
        public Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<JobPriority, TimeSpan>>(new Dictionary<JobPriority, TimeSpan>());

        public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Task.FromResult(0L);
    }
}
