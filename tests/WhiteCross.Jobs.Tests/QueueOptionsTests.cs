using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Settings;

namespace WhiteCross.Jobs.Tests;

public sealed class QueueOptionsTests
{
    public static TheoryData<string> Queues => [.. JobQueues.All.Select(queue => queue.Name)];

    public static TheoryData<string, string, string> Ranges => new()
    {
        { nameof(QueueOptions.Concurrency), "1", "1000" },
        { nameof(QueueOptions.Attempts), "1", "100" },
        { nameof(QueueOptions.BackoffDelay), "00:00:00", "1.00:00:00" },
        { nameof(QueueOptions.BackoffJitter), "0", "1" },
        { nameof(QueueOptions.JobTimeout), "00:00:01", "1.00:00:00" },
        { nameof(QueueOptions.MaxSnooze), "00:01:00", "30.00:00:00" },
        { nameof(QueueOptions.KeepCompleted), "0", "1000000" },
        { nameof(QueueOptions.KeepCompletedFor), "00:01:00", "365.00:00:00" },
        { nameof(QueueOptions.KeepFailed), "0", "1000000" },
        { nameof(QueueOptions.KeepFailedFor), "00:01:00", "365.00:00:00" },
        { nameof(QueueOptions.KeepTombstonesFor), "00:01:00", "365.00:00:00" },
        { nameof(QueueOptions.Lease), "00:00:02", "00:10:00" },
        { nameof(QueueOptions.Ageing), "00:00:00.1", "01:00:00" },
        { nameof(QueueOptions.ReconcileAfter), "00:00:01", "01:00:00" },
        { nameof(QueueOptions.GiveBackAfter), "00:00:00.1", "01:00:00" },
        { nameof(QueueOptions.BulkMaxMessages), "1", "1000" },
        { nameof(QueueOptions.BulkMaxAwaitMilliseconds), "1", "10000" },
    };

    [Theory]
    [InlineData(JobQueues.MessageDelivery, 10, 5, JobBackoffType.Exponential, 2_000, 30, 1000, 24, 2000, 168)]
    [InlineData(JobQueues.MessageNotification, 15, 3, JobBackoffType.Exponential, 1_000, 20, 500, 12, 1000, 72)]
    [InlineData(JobQueues.MessageIndexing, 3, 3, JobBackoffType.Exponential, 3_000, 60, 500, 24, 1000, 72)]
    [InlineData(JobQueues.MessageEncryption, 5, 3, JobBackoffType.Exponential, 2_000, 45, 500, 24, 1000, 168)]
    [InlineData(JobQueues.BatchMessageSending, 2, 3, JobBackoffType.Exponential, 5_000, 300, 100, 48, 200, 168)]
    [InlineData(JobQueues.MessageCleanup, 1, 2, JobBackoffType.Fixed, 10_000, 600, 50, 24, 100, 168)]
    public void Defaults_AreTheQueuesOwn(
        string queue, int concurrency, int attempts, JobBackoffType type, int backoff, int timeout, int completed, int completedHours, int failed, int failedHours)
    {
        var options = JobQueues.DefaultOptions(queue);

        Assert.Equal((concurrency, attempts, type), (options.Concurrency, options.Attempts, options.BackoffType));
        Assert.Equal((TimeSpan.FromMilliseconds(backoff), TimeSpan.FromSeconds(timeout)), (options.BackoffDelay, options.JobTimeout));
        Assert.Equal((completed, TimeSpan.FromHours(completedHours)), (options.KeepCompleted, options.KeepCompletedFor));
        Assert.Equal((failed, TimeSpan.FromHours(failedHours)), (options.KeepFailed, options.KeepFailedFor));
    }

    [Theory]
    [MemberData(nameof(Queues))]
    public void Validate_Defaults_AreValid(string queue)
    {
        Assert.Empty(SettingsRules.Problems($"Queues:{queue}", JobQueues.DefaultOptions(queue)));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Validate_EachSetting_AtItsEndsIsTaken_BeyondThemNamesItselfAndItsValue(string setting, string least, string most)
    {
        var property = typeof(QueueOptions).GetProperty(setting)!;
        var (lowest, highest) = (Parse(property, least), Parse(property, most));

        Assert.Empty(Validate(property, lowest));
        Assert.Empty(Validate(property, highest));
        foreach (var beyond in new[] { Step(lowest, -1), Step(highest, 1) })
        {
            var error = Assert.Single(Validate(property, beyond));
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"Queues:message-cleanup:{setting} is {beyond}; it must be "), error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Validate_SeveralWrong_NamesAll()
    {
        var options = new QueueOptions { Concurrency = 0, BackoffType = (JobBackoffType)7, BackoffJitter = double.NaN };

        var errors = SettingsRules.Problems("Queues:message-cleanup", options);

        Assert.Equal(3, errors.Count);
        Assert.Contains(errors, error => error.Contains("Fixed, Exponential", StringComparison.Ordinal));
    }

    [Fact]
    public void Ranges_CoverEverySettingThatHasOne()
    {
        var ranged = typeof(QueueOptions).GetProperties().Where(property => property.PropertyType != typeof(bool) && !property.PropertyType.IsEnum);

        Assert.Equal(ranged.Select(property => property.Name).Order(StringComparer.Ordinal), Ranges.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Queues:message-delivery:Concurency", "20", "Queues:message-delivery:Concurency is no setting; Queues:message-delivery:Concurrency is.")]
    [InlineData("Queues:message-delivery:Concurrency", "many", "Queues:message-delivery:Concurrency is 'many'; it must be a whole number from 1 to 1000.")]
    [InlineData("Queues:message-delivery:Concurrency", "0", "Queues:message-delivery:Concurrency is 0; it must be a whole number from 1 to 1000.")]
    [InlineData("Queues:mesage-delivery:Concurrency", "2", "Queues:mesage-delivery is no setting; Queues:message-delivery is.")]
    [InlineData("Queus:message-delivery:Concurrency", "2", "Queus is no section of settings; Queues is.")]
    public void A_wrong_setting_of_any_queue_is_told_when_a_service_starts(string name, string value, string problem) =>
        Assert.Equal([problem], ProblemsAtStart(name, value));

    [Theory]
    [InlineData("Queues:message-delivery:Concurrency", "20")]
    [InlineData("Queues:message_delivery:Concurrency", "20")]
    [InlineData("Logging:LogLevel:Default", "Debug")]
    public void What_is_right_or_none_of_ours_is_passed_over(string name, string value) => Assert.Empty(ProblemsAtStart(name, value));

    private static IReadOnlyList<string> ProblemsAtStart(string name, string value)
    {
        using var provider = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(name, (string?)value)]).Build())
            .AddQueueOptions()
            .BuildServiceProvider();
        return SettingsProblems.Find(provider);
    }

    private static IReadOnlyList<string> Validate(PropertyInfo property, object value)
    {
        var options = JobQueues.DefaultOptions(JobQueues.MessageCleanup);
        property.SetValue(options, value);
        return SettingsRules.Problems("Queues:message-cleanup", options);
    }

    private static object Parse(PropertyInfo property, string text) =>
        property.PropertyType == typeof(TimeSpan) ? TimeSpan.Parse(text, CultureInfo.InvariantCulture) : Convert.ChangeType(text, property.PropertyType, CultureInfo.InvariantCulture);

    private static object Step(object value, int direction) => value switch
    {
        int number => number + direction,
        double number => number + (direction * 0.001),
        TimeSpan time => time + TimeSpan.FromTicks(direction),
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };
}
