using System.Diagnostics.CodeAnalysis;
using Cronos;

namespace WhiteCross.Jobs.Contracts;

/// <summary>When schedules are due.</summary>
public static class JobSchedules
{
    /// <summary>The time zone of a schedule that names none.</summary>
    public const string DefaultTimeZone = "UTC";

    /// <summary>The longest id: with the planned time behind it, it must fit into a job's id.</summary>
    public const int IdLength = 100;

    /// <summary>Reads a cron expression of five fields, or six with seconds first.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="cron">What was read.</param>
    public static bool TryParseCron(string text, [NotNullWhen(true)] out CronExpression? cron)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        return CronExpression.TryParse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out cron);
    }

    /// <summary>Whether there is a time at all that a cron expression stands for: of <c>0 0 30 2 *</c>, the 30th of February, there is none.</summary>
    /// <param name="cron">The expression.</param>
    public static bool EverFires(CronExpression cron)
    {
        ArgumentNullException.ThrowIfNull(cron);
        // Whatever day, month and weekday may come together has done so within 400 years of any day.
        return cron.GetNextOccurrence(new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc), inclusive: true) is not null;
    }

    /// <summary>
    /// The next planned time after now. Of the times that passed while nobody looked, none is made up for here: the one that was planned is still due,
    /// and this is what comes after it.
    /// </summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="planned">The time that was planned last; when it was made or changed for the first one.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null when there is none.</returns>
    public static DateTimeOffset? NextAfter(JobSchedule schedule, DateTimeOffset planned, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (schedule.Every is { } every)
        {
            var passed = Math.Max(0, (long)(now - planned).TotalMilliseconds);
            return planned.AddMilliseconds(((passed / every) + 1) * every);
        }

        return schedule.Cron is { } text && TryParseCron(text, out var cron)
            ? cron.GetNextOccurrence(now > planned ? now : planned, TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone))?.ToUniversalTime()
            : null;
    }
}
