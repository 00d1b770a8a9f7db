using System.Globalization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Says what is wrong with a queue's options: the setting's full name, its value, what is allowed.</summary>
public static class QueueOptionsValidator
{
    /// <summary>Checks the options of a queue; each error names the setting as configuration spells it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="options">What was configured.</param>
    /// <returns>A sentence per error; empty where all is well.</returns>
    public static IReadOnlyList<string> Validate(string queue, QueueOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(options);

        var errors = new List<string>();
        Within(nameof(QueueOptions.Concurrency), options.Concurrency, 1, 1000);
        Within(nameof(QueueOptions.Attempts), options.Attempts, 1, 100);
        Defined(nameof(QueueOptions.BackoffType), options.BackoffType);
        Lasts(nameof(QueueOptions.BackoffDelay), options.BackoffDelay, TimeSpan.Zero, TimeSpan.FromHours(24));
        if (!(options.BackoffJitter is >= 0 and <= 1))
        {
            Add(nameof(QueueOptions.BackoffJitter), options.BackoffJitter, "a share between 0 and 1");
        }

        Lasts(nameof(QueueOptions.JobTimeout), options.JobTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24));
        Lasts(nameof(QueueOptions.MaxSnooze), options.MaxSnooze, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        Within(nameof(QueueOptions.KeepCompleted), options.KeepCompleted, 0, 1_000_000);
        Lasts(nameof(QueueOptions.KeepCompletedFor), options.KeepCompletedFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Within(nameof(QueueOptions.KeepFailed), options.KeepFailed, 0, 1_000_000);
        Lasts(nameof(QueueOptions.KeepFailedFor), options.KeepFailedFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Lasts(nameof(QueueOptions.KeepTombstonesFor), options.KeepTombstonesFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Lasts(nameof(QueueOptions.Lease), options.Lease, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));
        Lasts(nameof(QueueOptions.Ageing), options.Ageing, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Lasts(nameof(QueueOptions.ReconcileAfter), options.ReconcileAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Lasts(nameof(QueueOptions.GiveBackAfter), options.GiveBackAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Within(nameof(QueueOptions.BulkMaxMessages), options.BulkMaxMessages, 1, 1000);
        Within(nameof(QueueOptions.BulkMaxAwaitMilliseconds), options.BulkMaxAwaitMilliseconds, 1, 10_000);
        return errors;

        void Add(string setting, object value, string allowed) => errors.Add(string.Create(
            CultureInfo.InvariantCulture, $"{QueueOptions.SectionName}:{queue}:{setting} is {value}; it must be {allowed}."));

        void Within(string setting, int value, int least, int most)
        {
            if (value < least || value > most)
            {
                Add(setting, value, string.Create(CultureInfo.InvariantCulture, $"between {least} and {most}"));
            }
        }

        void Lasts(string setting, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                Add(setting, value, $"a time between {least:c} and {most:c} (d.hh:mm:ss)");
            }
        }

        void Defined<T>(string setting, T value)
            where T : struct, Enum
        {
            if (!Enum.IsDefined(value))
            {
                Add(setting, value, "one of " + string.Join(", ", Enum.GetNames<T>()));
            }
        }
    }
}
