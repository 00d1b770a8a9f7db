using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.InMemory;
using WhiteCross.Jobs.Store;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Redis;

/// <summary>Puts the job store into a service: the one place that chooses between Redis and memory.</summary>
public static class JobStoreSetup
{
    private const string KindSetting = $"{JobStoreOptions.SectionName}:{nameof(JobStoreOptions.Kind)}";

    /// <summary>
    /// Adds the job store that <see cref="JobStoreOptions.Kind"/> names, its parts (<see cref="JobStoreRoles"/>) and the view of the lanes' streams
    /// (<see cref="ILaneInspector"/>). In memory it is what <see cref="JobsInMemory.UseJobsInMemory"/> was given, if anything.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; the message names each.</exception>
    /// <exception cref="InvalidOperationException">A store was registered before, but the setting says Redis.</exception>
    public static IHostApplicationBuilder AddJobStore(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var options = new JobStoreOptions();
        builder.Configuration.GetSection(JobStoreOptions.SectionName).BindChecked(options);
        services.AddSettings<JobStoreOptions>(JobStoreOptions.SectionName);
        var isGiven = services.Any(service => service.ServiceType == typeof(IJobStore));
        if (options.Kind == JobStoreKind.Redis)
        {
            return isGiven
                ? throw new InvalidOperationException($"A job store is registered already, but {KindSetting} is Redis: choose it by {nameof(JobsInMemory.UseJobsInMemory)}, or set {KindSetting} to Memory.")
                : builder.AddRedis();
        }

        if (!isGiven && !builder.Environment.IsDevelopment())
        {
            throw new OptionsValidationException(JobStoreOptions.SectionName, typeof(JobStoreOptions), [
                $"{KindSetting} is Memory, which forgets every job with the process and shares it with no other service; that is for Development, and the environment is {builder.Environment.EnvironmentName}. Leave it out, or set it to Redis.",
            ]);
        }

        // What is said of Redis is checked all the same: whoever chooses it next finds out then no more.
        RedisJobStoreOptions.From(builder.Configuration);
        services.AddKnownNames(RedisJobStoreOptions.Prefix, RedisJobStoreOptions.Settings);
        services.AddQueueOptions();
        services.AddJobStoreRoles();
        return builder.UseJobsInMemory();
    }

    private static IHostApplicationBuilder AddRedis(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRedisJobStore(builder.Configuration);
        return builder;
    }
}
