using WhiteCross.Jobs;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A provider that is away trips its own breaker: its jobs wait without costing an attempt, the others' do not notice.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task Mail_server_is_dead__its_jobs_are_put_off__SMS_go_on__and_mail_too_once_it_is_back()
    {
        var port = FreePorts.Take();
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        var settings = new Dictionary<string, string?>(SmsTests.Settings(twilio))
        {
            ["Email:Host"] = "127.0.0.1",
            ["Email:Port"] = $"{port}",
            ["Email:Security"] = "None",
            ["Email:From"] = "no-reply@hospital.test",
            ["Email:BreakDuration"] = "00:01:00",
        };
        await using var service = await NotificationService.StartAsync(settings);

        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<JobOutcome.Retry>(await service.RunAsync(Some.Email()));
        }

        var snooze = Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email()));
        Assert.InRange(snooze.For, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal("SM1", (await service.CompleteAsync(Some.Sms())).ProviderId);

        service.Time.Advance(TimeSpan.FromMinutes(1));
        await using var server = new SmtpServer(port: port);
        await service.CompleteAsync(Some.Email());
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Refusals_of_single_recipients__do_not_trip_the_breaker()
    {
        await using var server = new SmtpServer { Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 Busy" : null };
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));

        for (var i = 0; i < 12; i++)
        {
            Assert.IsType<JobOutcome.Retry>(await service.RunAsync(Some.Email()));
        }
    }

    [Fact]
    public async Task Server_that_says_nothing__is_left_after_the_time_limit()
    {
        using var asked = new SemaphoreSlim(0);
        var silent = new TaskCompletionSource();
        await using var twilio = await ProviderServer.StartAsync(async (_, _) =>
        {
            asked.Release();
            await silent.Task;
        });
        await using var service = await NotificationService.StartAsync(SmsTests.Settings(twilio));

        var run = service.RunAsync(Some.Sms());
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        service.Time.Advance(TimeSpan.FromSeconds(16));

        Assert.Contains("Sms:OnUnknownOutcome", Assert.IsType<JobOutcome.Fail>(await run).Reason, StringComparison.Ordinal);
        silent.SetResult();
    }

}
