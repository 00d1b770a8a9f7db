using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Gateway;

/// <summary>The nightly clean-up, which is there by default. Section <c>NightlyCleanup</c>.</summary>
internal sealed class NightlyCleanupOptions : ICheckedSettings
{
    public const string SectionName = "NightlyCleanup";

    /// <summary>Whether there is one. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>When, as a cron expression. Default: at 02:00.</summary>
    public string Cron { get; set; } = "0 2 * * *";

    /// <summary>The IANA name of the time zone. Default: UTC.</summary>
    public string TimeZone { get; set; } = JobSchedules.DefaultTimeZone;

    /// <summary>How old what is removed must be, in days: 1–3650. Default: 90.</summary>
    [Range(1, 3650)]
    public int RetentionDays { get; set; } = 90;

    public IEnumerable<string> Problems(string section)
    {
        if (!JobSchedules.TryParseCron(Cron, out var cron))
        {
            yield return $"{section}:{nameof(Cron)} must be a cron expression such as \"0 2 * * *\".";
        }
        else if (!JobSchedules.EverFires(cron))
        {
            yield return $"{section}:{nameof(Cron)} would never fire: no date has this day, month and weekday together. Set {nameof(Enabled)} to false for no clean-up.";
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _))
        {
            yield return $"{section}:{nameof(TimeZone)} must be the IANA name of a time zone, such as Europe/Berlin or UTC.";
        }
    }
}

/// <summary>A schedule for each of the clean-ups, as the settings say.</summary>
internal sealed class NightlyCleanup(IVersionedStore<JobSchedule> schedules, ScheduleRunner runner, IOptions<NightlyCleanupOptions> options, TimeProvider time) : IScheduleSeed
{
    private static readonly string[] Types = ["old_messages", "deleted_conversations", "expired_attachments"];

    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        foreach (var type in Types)
        {
            try
            {
                await SeedAsync(type, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception); // The others are put there all the same.
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task SeedAsync(string type, CancellationToken cancellationToken)
    {
        var id = $"nightly-{type.Replace('_', '-')}";
        while (true)
        {
            var current = await schedules.FindAsync(JobQueues.MessageCleanup, id, cancellationToken);
            if (current is { Origin: not ScheduleOrigin.Settings } || (current is null && !options.Value.Enabled))
            {
                return; // An operator has made it another.
            }

            if (current is not null && !options.Value.Enabled)
            {
                await schedules.RemoveAsync(JobQueues.MessageCleanup, id, cancellationToken);
                return;
            }

            var job = JobOf(type);
            if (current is not null && current.Cron == options.Value.Cron && current.TimeZone == options.Value.TimeZone && JsonElement.DeepEquals(current.Job, job))
            {
                return; // Disabled or not: that is an operator's business.
            }

            var next = runner.Begin((current ?? new JobSchedule
            {
                Id = id,
                Queue = JobQueues.MessageCleanup,
                Job = job,
                Origin = ScheduleOrigin.Settings,
                CreatedAt = time.GetUtcNow(),
            }) with
            { Cron = options.Value.Cron, TimeZone = options.Value.TimeZone, Job = job });
            if (await schedules.ReplaceAsync(current, next, cancellationToken))
            {
                return;
            }
        }
    }

    private JsonElement JobOf(string type) => JsonSerializer.SerializeToElement(new JsonObject
    {
        ["type"] = JobTypes.CleanupMessages,
        ["data"] = new JsonObject { ["cleanupType"] = type, ["retentionDays"] = options.Value.RetentionDays },
    });
}
