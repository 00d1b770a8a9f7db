using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>When a notification is tried again.</summary>
public sealed class RetryTimesTests
{
    // Half a minute at first, then twice as long.
    [Theory]
    [InlineData(0, 27, 54)]
    [InlineData(0.5, 30, 60)]
    [InlineData(1, 33, 66)]
    public async Task Tries__are_spread_by_a_tenth_around_the_schedule(double chance, int first, int second)
    {
        await using var server = new SmtpServer { Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 Busy" : null };
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        service.Chance.Value = chance;
        var reports = new JobReports();

        foreach (var seconds in new[] { first, second })
        {
            var wait = Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), reports)).For;
            Assert.Equal(TimeSpan.FromSeconds(seconds), wait);
            reports.Attempts = 0;
            service.Time.Advance(wait);
        }
    }
}
