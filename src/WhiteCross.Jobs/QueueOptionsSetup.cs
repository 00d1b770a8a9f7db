using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Jobs;

/// <summary>Options by queue: the queue's own defaults, then the section <c>Queues:&lt;queue&gt;</c>.</summary>
public static class QueueOptionsSetup
{
    /// <summary>Adds the options of all queues, checked when the service starts; <c>IOptionsMonitor&lt;QueueOptions&gt;.Get(queue)</c> gives them.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddQueueOptions(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ImplementationType == typeof(ConfigureQueue)))
        {
            return services;
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<QueueOptions>, ConfigureQueue>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueueOptions>, ValidateQueue>());
        services.AddKnownSection(QueueOptions.SectionName, typeof(QueueOptions), JobQueues.All.Select(queue => queue.Name));
        foreach (var queue in JobQueues.All)
        {
            services.AddOptions<QueueOptions>(queue.Name).ValidateOnStart();
        }

        return services;
    }

    private sealed class ConfigureQueue(IConfiguration configuration) : IConfigureNamedOptions<QueueOptions>
    {
        public void Configure(QueueOptions options) => Configure(Options.DefaultName, options);

        public void Configure(string? name, QueueOptions options)
        {
            if (string.IsNullOrEmpty(name))
            {
                return;
            }

            var defaults = JobQueues.DefaultOptions(name);
            options.Concurrency = defaults.Concurrency;
            options.Attempts = defaults.Attempts;
            options.BackoffType = defaults.BackoffType;
            options.BackoffDelay = defaults.BackoffDelay;
            options.JobTimeout = defaults.JobTimeout;
            options.KeepCompleted = defaults.KeepCompleted;
            options.KeepCompletedFor = defaults.KeepCompletedFor;
            options.KeepFailed = defaults.KeepFailed;
            options.KeepFailedFor = defaults.KeepFailedFor;
            options.BulkSubscribe = defaults.BulkSubscribe;
            configuration.GetSection(QueueOptions.SectionName).GetSection(name).BindChecked(options);
        }
    }

    private sealed class ValidateQueue : IValidateOptions<QueueOptions>
    {
        public ValidateOptionsResult Validate(string? name, QueueOptions options)
        {
            var problems = string.IsNullOrEmpty(name) ? [] : SettingsRules.Problems($"{QueueOptions.SectionName}:{name}", options);
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
