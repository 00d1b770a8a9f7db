using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Failures;

namespace WhiteCross.Jobs.Store;

/// <summary>The parts of the job store, each a service of its own: what takes one of them says what it may do.</summary>
public static class JobStoreRoles
{
    /// <summary>Adds the parts of the service's <see cref="IJobStore"/>, whichever that is in the end.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddJobStoreRoles(this IServiceCollection services)
    {
        services.TryAddSingleton<IJobArrivals>(Store);
        services.TryAddSingleton<IJobRuns>(Store);
        services.TryAddSingleton<IJobOutbox>(Store);
        services.TryAddSingleton<IJobReader>(Store);
        services.TryAddSingleton<IJobControl>(Store);
        services.TryAddSingleton<IJobFailures>(provider => Store(provider).Failures);
        services.TryAddSingleton<IWorkerRegistry>(provider => Store(provider).Workers);
        return services;
    }

    private static IJobStore Store(IServiceProvider provider) => provider.GetRequiredService<IJobStore>();
}
