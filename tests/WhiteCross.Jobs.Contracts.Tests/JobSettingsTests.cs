namespace WhiteCross.Jobs.Contracts.Tests;

public sealed class JobSettingsTests
{
    private static readonly JobBackoff OneSecond = new(JobBackoffType.Exponential, 1_000);

    private readonly QueueOptions _cleanup = JobQueues.DefaultOptions(JobQueues.MessageCleanup);

    [Fact]
    public void Resolve_NothingAsked_IsTheQueues()
    {
        var expected = new JobSettings(
            JobPriority.Normal, 2, new JobBackoff(JobBackoffType.Fixed, 10_000), TimeSpan.FromMinutes(10), TimeSpan.Zero, RemoveOnComplete: false, RemoveOnFail: false);

        Assert.Equal(expected, JobSettings.Resolve(null, _cleanup));
        Assert.Equal(expected, JobSettings.Resolve(new JobOptions(), _cleanup));
    }

    [Fact]
    public void Resolve_EverythingAsked_IsTheJobs()
    {
        var asked = new JobOptions
        {
            Priority = JobPriority.Critical,
            Attempts = 1,
            Backoff = new JobBackoff(JobBackoffType.Fixed, 7),
            Timeout = 30,
            Delay = 40,
            RemoveOnComplete = true,
            RemoveOnFail = true,
        };

        Assert.Equal(
            new JobSettings(JobPriority.Critical, 1, new JobBackoff(JobBackoffType.Fixed, 7), TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(40), true, true),
            JobSettings.Resolve(asked, _cleanup));
    }

    [Theory]
    [InlineData(JobPriority.Low, 2)]
    [InlineData(JobPriority.Normal, 2)]
    [InlineData(JobPriority.High, 5)]
    [InlineData(JobPriority.Critical, 5)]
    public void Resolve_Priority_GivesUrgentJobsAtLeastFiveAttemptsFromASecond(JobPriority priority, int attempts)
    {
        var settings = JobSettings.Resolve(new JobOptions { Priority = priority }, _cleanup);

        Assert.Equal(attempts, settings.MaxAttempts);
        Assert.Equal(priority >= JobPriority.High ? OneSecond : new JobBackoff(JobBackoffType.Fixed, 10_000), settings.Backoff);
    }

    [Fact]
    public void Resolve_UrgentOnAQueueWithMoreAttempts_KeepsThem()
    {
        _cleanup.Attempts = 9;

        Assert.Equal(9, JobSettings.Resolve(new JobOptions { Priority = JobPriority.High }, _cleanup).MaxAttempts);
    }

    [Fact]
    public void Resolve_UrgentWithOneOfTheTwo_GetsTheOther()
    {
        var attempts = JobSettings.Resolve(new JobOptions { Priority = JobPriority.High, Attempts = 2 }, _cleanup);
        var backoff = JobSettings.Resolve(new JobOptions { Priority = JobPriority.High, Backoff = new JobBackoff(JobBackoffType.Fixed, 7) }, _cleanup);

        Assert.Equal((2, OneSecond), (attempts.MaxAttempts, attempts.Backoff));
        Assert.Equal((5, new JobBackoff(JobBackoffType.Fixed, 7)), (backoff.MaxAttempts, backoff.Backoff));
    }

    [Theory]
    [InlineData(JobBackoffType.Exponential, 2_000, new[] { 2_000, 4_000, 8_000, 16_000 })]
    [InlineData(JobBackoffType.Fixed, 10_000, new[] { 10_000, 10_000, 10_000 })]
    [InlineData(JobBackoffType.Exponential, 0, new[] { 0, 0 })]
    public void Backoff_GrowsAsItsTypeSays(JobBackoffType type, long delay, int[] milliseconds)
    {
        var backoff = new JobBackoff(type, delay);

        Assert.Equal(milliseconds, milliseconds.Select((_, i) => (int)backoff.After(i + 1).TotalMilliseconds));
    }

    [Fact]
    public void Backoff_NeverPassesADay()
    {
        Assert.Equal(TimeSpan.FromDays(1), new JobBackoff(JobBackoffType.Exponential, 1_000).After(int.MaxValue));
        Assert.Equal(TimeSpan.FromDays(1), new JobBackoff(JobBackoffType.Exponential, long.MaxValue).After(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OneSecond.After(0));
    }
}
