using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>Puts the schedules into the gateway.</summary>
internal static class ScheduleSetup
{
    public static void AddSchedules(this IServiceCollection services)
    {
        services.TryAddSingleton(JobEnvelopeReader.Default);
        services.AddSingleton<ScheduleAudit>();
        services.AddSingleton<ScheduleRunner>();
        services.AddHostedService<ScheduleService>();
        services.AddSettings<NightlyCleanupOptions>(NightlyCleanupOptions.SectionName);
        services.AddSingleton<IScheduleSeed, NightlyCleanup>();
    }
}
