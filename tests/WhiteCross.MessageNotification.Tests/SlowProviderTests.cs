using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A slow provider is not one whose answer is unknown.</summary>
public sealed class SlowProviderTests
{
    [Theory]
    [InlineData(6)]
    [InlineData(45)]
    public async Task Server_that_takes_its_time_for_each_mail__has_them_all__once(int seconds)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        server.BeforeMailAnswer = () => Task.Delay(TimeSpan.FromSeconds(seconds), service.Time);
        var line = new JobLine(service, concurrency: 15);
        for (var i = 0; i < 40; i++)
        {
            line.Add(Some.Email());
        }

        await line.RunAsync(TimeSpan.FromHours(3));

        Assert.All(line.Jobs, job => Assert.IsType<JobOutcome.Completed>(job.End));
        Assert.Equal(40, server.Accepted.Count);
        Assert.InRange(server.Connections, 1, 12);
    }

    [Fact]
    public async Task Send_that_outlasts_its_run__is_found_by_the_next_one()
    {
        var answer = new TaskCompletionSource();
        using var asked = new SemaphoreSlim(0);
        await using var twilio = await ProviderServer.StartAsync(async (request, context) =>
        {
            asked.Release();
            await answer.Task;
            await ProviderServer.Json(201, """{"sid":"SM1"}""")(request, context);
        });
        await using var service = await NotificationService.StartAsync(SmsTests.Settings(twilio));
        var reports = new JobReports();

        var run = service.RunAsync(Some.Sms(), reports);
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        service.Time.Advance(TimeSpan.FromSeconds(16));
        Assert.Contains("still being sent", Assert.IsType<JobOutcome.Snooze>(await run).Reason!, StringComparison.Ordinal);

        var next = service.RunAsync(Some.Sms(), reports);
        answer.SetResult();
        Assert.IsType<JobOutcome.Completed>(await next);
        Assert.Single(twilio.Requests);
    }

    [Fact]
    public async Task Provider_that_never_answers__is_unknown_after_its_time__and_the_job_says_how_to_find_out()
    {
        using var asked = new SemaphoreSlim(0);
        var silent = new TaskCompletionSource();
        await using var twilio = await ProviderServer.StartAsync(async (_, _) =>
        {
            asked.Release();
            await silent.Task;
        });
        await using var service = await NotificationService.StartAsync(SmsTests.Settings(twilio));
        var reports = new JobReports();

        var run = service.RunAsync(Some.Sms(), reports);
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        service.Time.Advance(TimeSpan.FromSeconds(16));
        Assert.IsType<JobOutcome.Snooze>(await run);
        service.Time.Advance(TimeSpan.FromMinutes(2));

        var reason = Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms(), reports)).Reason;
        Assert.Contains("Sms:OnUnknownOutcome", reason, StringComparison.Ordinal);
        Assert.Contains("provider's message log", reason, StringComparison.Ordinal);
        silent.SetResult();
    }

    [Fact]
    public async Task Send_left_by_another_instance__is_waited_for()
    {
        var answer = new TaskCompletionSource();
        using var asked = new SemaphoreSlim(0);
        await using var twilio = await ProviderServer.StartAsync(async (request, context) =>
        {
            asked.Release();
            await answer.Task;
            await ProviderServer.Json(201, """{"sid":"SM1"}""")(request, context);
        });
        await using var service = await NotificationService.StartAsync(SmsTests.Settings(twilio));
        await using var other = await NotificationService.StartAsync(SmsTests.Settings(twilio));
        var reports = new JobReports();
        var run = service.RunAsync(Some.Sms(), reports);
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        service.Time.Advance(TimeSpan.FromSeconds(16));
        await run;

        Assert.Contains("another instance", Assert.IsType<JobOutcome.Snooze>(await other.RunAsync(Some.Sms(), reports)).Reason!, StringComparison.Ordinal);

        answer.SetResult();
        await service.CompleteAsync(Some.Sms(), reports);
        Assert.Single(twilio.Requests);
    }
}
