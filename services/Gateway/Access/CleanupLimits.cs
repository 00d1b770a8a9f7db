using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>What a clean-up may be asked for. Section <c>CleanupLimits</c>.</summary>
internal sealed class CleanupLimitOptions
{
    public const string SectionName = "CleanupLimits";

    /// <summary>A clean-up of what is younger than this is refused when it is added: 1 hour–10 years. Default: 1 day, as <c>Cleanup:MinimumAge</c> of the clean-up service, which looks again when the job runs.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan MinimumAge { get; set; } = TimeSpan.FromDays(1);
}

/// <summary>Refuses a clean-up whose limit lies in the future, or is too young, before it is a job: by the time at which it is to run.</summary>
internal sealed class CleanupLimits(IOptions<CleanupLimitOptions> options, TimeProvider time)
{
    private static readonly Dictionary<string, string[]> None = [];

    public IReadOnlyDictionary<string, string[]> ErrorsOf(JobReading reading)
    {
        if (reading.Job is not CleanupMessagesJob job)
        {
            return None;
        }

        var (runs, least) = (time.GetUtcNow() + TimeSpan.FromMilliseconds(Math.Max(0, reading.Options.Delay ?? 0)), options.Value.MinimumAge);
        return true switch
        {
            _ when job.OlderThan > runs => Error("data.olderThan", "lies in the future, where everything would be older; give a time in the past, or retentionDays."),
            _ when job.OlderThan > runs - least => Error("data.olderThan", $"would remove what is younger than {least:c} (CleanupLimits:MinimumAge); give an earlier time."),
            _ when job.RetentionDays is { } days && TimeSpan.FromDays(days) < least => Error("data.retentionDays", $"would remove what is younger than {least:c} (CleanupLimits:MinimumAge); give more days."),
            _ => None,
        };
    }

    private static Dictionary<string, string[]> Error(string field, string problem) => new() { [field] = [problem] };
}

/// <summary>Registers it.</summary>
internal static class CleanupLimitsSetup
{
    public static void AddCleanupLimits(this IServiceCollection services)
    {
        services.AddSettings<CleanupLimitOptions>(CleanupLimitOptions.SectionName);
        services.AddSingleton<CleanupLimits>();
    }
}
