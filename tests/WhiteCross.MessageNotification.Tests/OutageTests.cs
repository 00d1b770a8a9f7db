using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>An outage costs time, not notifications: whatever a provider answers for a while, each goes out once it is back, once, and without an attempt lost.</summary>
public sealed class OutageTests
{
    [Theory]
    [InlineData("RCPT", "450 4.2.0 Greylisted", 60, 3)]
    [InlineData("CONNECT", "421 4.3.2 Not now", 200, 8)]
    [InlineData("CONNECT", "", 600, 5)]
    [InlineData("EHLO", "", 120, 2)]
    [InlineData("EHLO", "550 5.7.1 Go away", 900, 3)]
    [InlineData("MAIL", "451 4.3.0 Later", 300, 3)]
    [InlineData("MAIL", "530 5.7.0 Authentication required", 1200, 3)]
    [InlineData("RCPT", "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname", 600, 3)]
    [InlineData("RCPT", "", 60, 4)]
    [InlineData("DATA", "421 4.3.2 Closing", 240, 4)]
    [InlineData("DATA", "", 240, 4)]
    [InlineData("mail", "452 4.3.1 Full", 3600, 3)]
    [InlineData("mail", "421 4.4.5 Too busy", 7200, 6)]
    public async Task Mail_server__is_out_of_sorts_for_a_while(string at, string reply, int seconds, int mails)
    {
        await using var server = new SmtpServer();
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        var end = NotificationService.Start.AddSeconds(seconds);

        // Who is refused with EHLO tries HELO.
        server.Answer = line => service.Time.GetUtcNow() < end && line.Replace("HELO", "EHLO", StringComparison.Ordinal).StartsWith(at, StringComparison.Ordinal) ? reply : null;
        server.MailTaken = () => server.MailAnswer = at == "mail" && service.Time.GetUtcNow() < end ? reply : "250 Ok";
        var line = new JobLine(service);
        var jobs = Enumerable.Range(0, mails).Select(_ => line.Add(Some.Email())).ToArray();

        await line.RunAsync(TimeSpan.FromDays(1));

        AllSentOnce(jobs, server.Accepted.Count);
        Assert.Equal(mails, server.Accepted.Select(mail => mail.MessageId).Distinct().Count());

        // Soon after the end, and not asked all the time until then.
        Assert.InRange(service.Time.GetUtcNow() - end, TimeSpan.Zero, TimeSpan.FromSeconds(Math.Max(330, seconds * 1.2)));
        Assert.InRange(server.Connections, 1, mails + 5 + (seconds / 10));
    }

    [Theory]
    [InlineData(503, null, 120, 4)]
    [InlineData(503, "60", 600, 4)]
    [InlineData(500, null, 1800, 3)]
    [InlineData(429, "0", 600, 5)]
    [InlineData(429, "Wed, 04 Mar 2020 12:00:00 GMT", 600, 5)]
    [InlineData(429, "31536000", 60, 3)]
    [InlineData(429, "1", 3600, 5)]
    [InlineData(429, null, 90, 5)]
    [InlineData(401, null, 3600, 3)]
    public async Task Twilio__is_out_of_sorts_for_a_while(int status, string? retryAfter, int seconds, int messages)
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await NotificationService.StartAsync(SmsTests.Settings(twilio));
        var end = NotificationService.Start.AddSeconds(seconds);
        var sent = 0;
        twilio.Answer = (request, context) =>
        {
            var isBad = service.Time.GetUtcNow() < end;
            sent += isBad ? 0 : 1;
            return ProviderServer.Json(isBad ? status : 201, isBad ? "{}" : """{"sid":"SM1"}""", isBad ? retryAfter : null)(request, context);
        };
        var line = new JobLine(service);
        var jobs = Enumerable.Range(0, messages).Select(_ => line.Add(Some.Sms())).ToArray();

        await line.RunAsync(TimeSpan.FromDays(1));

        AllSentOnce(jobs, sent);
        Assert.InRange(twilio.Requests.Count, messages, messages + 5 + (seconds / 15));
    }

    [Theory]
    [InlineData(503, "UNAVAILABLE", "UNAVAILABLE", null)]
    [InlineData(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "0")]
    [InlineData(500, "INTERNAL", "INTERNAL", null)]
    public async Task FCM__is_out_of_sorts_for_a_while(int status, string word, string code, string? retryAfter)
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);
        var end = NotificationService.Start.AddMinutes(3);
        var sent = 0;
        foreach (var device in new[] { "a", "b", "c", "d" })
        {
            fcm.Answers[device] = (request, context) =>
            {
                var isBad = service.Time.GetUtcNow() < end;
                Interlocked.Add(ref sent, isBad ? 0 : 1);
                return (isBad ? Fcm.Error(status, word, code, retryAfter) : ProviderServer.Json(200, "{}"))(request, context);
            };
        }

        var line = new JobLine(service);
        LineJob[] jobs = [line.Add(Some.Push("a", "b")), line.Add(Some.Push("c")), line.Add(Some.Push("d"))];

        await line.RunAsync(TimeSpan.FromDays(1));

        Assert.All(jobs, job => Assert.IsType<JobOutcome.Completed>(job.End));
        Assert.Equal(4, sent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public async Task Provider_that_stays_away__is_given_up_on_at_the_notifications_end__with_a_last_try_before_it(double chance)
    {
        await using var server = new SmtpServer { Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 Busy" : null };
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server));
        service.Chance.Value = chance;
        var line = new JobLine(service);
        var day = line.Add(Some.Email());
        var code = line.Add(Some.Email() with { Category = NotificationCategory.OneTimeCode });
        var set = line.Add(Some.Email() with { ExpiresAt = NotificationService.Start.AddHours(2) });
        var past = line.Add(Some.Email() with { ExpiresAt = NotificationService.Start });

        await line.RunAsync(TimeSpan.FromDays(3));

        foreach (var job in line.Jobs)
        {
            Assert.StartsWith("expired: ", Assert.IsType<JobOutcome.Fail>(job.End).Reason, StringComparison.Ordinal);
        }

        // The last try is before the end, whatever spacing the queue asks for between snoozes.
        Assert.Equal(NotificationService.Start.AddDays(1) - TimeSpan.FromSeconds(5), day.DueAt);
        Assert.Equal(NotificationService.Start.AddMinutes(5) - TimeSpan.FromSeconds(5), code.DueAt);
        Assert.Equal(NotificationService.Start.AddHours(2) - TimeSpan.FromSeconds(5), set.DueAt);
        Assert.Equal(1, past.Runs);
        Assert.InRange(day.Runs, 20, 40);
        Assert.Contains("450", ((JobOutcome.Fail)day.End!).Reason, StringComparison.Ordinal);

        // Whoever retries it gives it a time anew.
        (day.Reports.Attempts, server.Answer) = (0, _ => null);
        Assert.IsType<JobOutcome.Completed>(await service.RunAsync(day.Data, day.Reports, day.Id));
    }

    [Fact]
    public async Task Provider_that_is_away__is_told_by_health_and_log__tried_by_one__and_harms_no_other()
    {
        await using var server = new SmtpServer { Answer = line => line == "CONNECT" ? "421 Not now" : null };
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await NotificationService.StartAsync(EmailTests.Settings(server).Concat(SmsTests.Settings(twilio)).ToDictionary());
        for (var i = 0; i < 20; i++)
        {
            Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), jobId: $"job-{i}"));
        }

        Assert.Equal(3, server.Connections);
        Assert.Equal("SM1", (await service.CompleteAsync(Some.Sms())).ProviderId);
        Assert.Contains(service.Services.GetServices<ProviderGuard>(), one => one.Status is { Provider: "email", IsAway: true, Waiting: > 15 });
        using (var ready = await service.Http.GetAsync("/readyz", TestContext.Current.CancellationToken))
        {
            Assert.True(ready.IsSuccessStatusCode);
            var health = await ready.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            Assert.Equal("degraded", health.GetProperty("checks").GetProperty("provider:email").GetString());
            Assert.Equal("healthy", health.GetProperty("checks").GetProperty("provider:sms").GetString());
            var details = health.GetProperty("details").GetProperty("provider:email");
            Assert.Equal(NotificationService.Start, details.GetProperty("openSince").GetDateTimeOffset());
            Assert.Equal(NotificationService.Start.AddSeconds(15), details.GetProperty("nextTry").GetDateTimeOffset());
        }

        service.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), jobId: "job-1"));
        Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Email(), jobId: "job-2"));
        Assert.Equal(4, server.Connections);
        server.Answer = _ => null;
        service.Time.Advance(TimeSpan.FromSeconds(30));
        await service.CompleteAsync(Some.Email(), jobId: "job-1");
        await service.CompleteAsync(Some.Email(), jobId: "job-2");

        Assert.Single(service.Logs.Lines, one => one.Contains("is away", StringComparison.Ordinal));
        Assert.Single(service.Logs.Lines, one => one.Contains("is back", StringComparison.Ordinal));
    }

    private static void AllSentOnce(LineJob[] jobs, int sent)
    {
        Assert.All(jobs, job =>
        {
            Assert.IsType<JobOutcome.Completed>(job.End);
            Assert.Equal(1, job.Reports.Attempts);
        });
        Assert.Equal(jobs.Length, sent);
    }
}
