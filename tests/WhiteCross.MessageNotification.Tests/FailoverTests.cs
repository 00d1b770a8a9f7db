using System.Text.Json;
using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>While a provider is away the next of its channel sends; never both.</summary>
public sealed class FailoverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("CONNECT", "421 4.3.2 Not now")]
    [InlineData("CONNECT", "")]
    [InlineData("EHLO", "550 5.7.1 Go away")]
    [InlineData("MAIL", "530 5.7.0 Authentication required")]
    [InlineData("DATA", "421 4.3.2 Closing")]
    public async Task Second_server__sends_while_the_first_is_away__and_the_first_again_when_it_is_back(string at, string reply)
    {
        await using var first = new SmtpServer();
        await using var second = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(first, second));
        var back = NotificationService.Start.AddMinutes(10);
        first.Answer = line => service.Time.GetUtcNow() < back && line.Replace("HELO", "EHLO", StringComparison.Ordinal).StartsWith(at, StringComparison.Ordinal) ? reply : null;
        var line = new JobLine(service);
        for (var i = 0; i < 6; i++)
        {
            line.Add(Some.Email());
        }

        await line.RunAsync(TimeSpan.FromMinutes(1));
        Assert.All(line.Jobs, job => Assert.Equal("127.0.0.1", Assert.IsType<SendNotificationResult>(Assert.IsType<JobOutcome.Completed>(job.End).Result).Provider));
        Assert.Equal((0, 6), (first.Accepted.Count, second.Accepted.Count));

        // Left alone while its circuit is open, and tried by one when that time is over.
        Assert.InRange(first.Connections, 3, 12);
        service.Time.AdjustTime(back.AddMinutes(5));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("localhost", (await service.CompleteAsync(Some.Email())).Provider);
        }

        Assert.Equal((3, 6), (first.Accepted.Count, second.Accepted.Count));
        using var ready = await service.Http.GetAsync("/readyz", Token);
        var checks = JsonDocument.Parse(await ready.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("checks");
        Assert.Equal(("healthy", "healthy"), (checks.GetProperty("provider:email").GetString(), checks.GetProperty("provider:email-2").GetString()));
    }

    [Theory]
    [InlineData("RCPT", "550 5.7.13 Not by you")]
    [InlineData("RCPT", "450 4.2.0 Greylisted")]
    public async Task What_is_refused_for_its_own_sake__does_not_go_to_the_second(string at, string reply)
    {
        await using var first = new SmtpServer { Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? reply : null };
        await using var second = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(first, second));

        Assert.IsNotType<JobOutcome.Completed>(await service.RunAsync(Some.Email()));

        Assert.Equal(0, second.Connections);
    }

    [Fact]
    public async Task Unknown_outcome_at_the_first__is_never_sent_by_the_second()
    {
        await using var first = new SmtpServer { MailAnswer = string.Empty };
        await using var second = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(first, second));

        Assert.Contains("unknown", Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Email())).Reason, StringComparison.Ordinal);

        Assert.Single(first.Mails);
        Assert.Empty(second.Mails);
    }

    [Fact]
    public async Task Both_away__waits_and_costs_no_attempt__and_the_sooner_one_sends()
    {
        await using var first = new SmtpServer { Answer = line => line == "CONNECT" ? "421 Not now" : null };
        await using var second = new SmtpServer();
        await using var service = await NotificationService.StartAsync(Settings(first, second));
        var back = NotificationService.Start.AddMinutes(3);
        second.Answer = line => service.Time.GetUtcNow() < back && line == "CONNECT" ? "421 Not now" : null;
        var line = new JobLine(service);
        for (var i = 0; i < 5; i++)
        {
            line.Add(Some.Email());
        }

        await line.RunAsync(TimeSpan.FromHours(2));

        Assert.All(line.Jobs, job => Assert.IsType<JobOutcome.Completed>(job.End));
        Assert.All(line.Jobs, job => Assert.Equal(1, job.Reports.Attempts));
        Assert.Equal(5, second.Accepted.Count);
    }

    [Theory]
    [InlineData(503, null)]
    [InlineData(401, null)]
    [InlineData(503, "600")]
    public async Task Gateway__takes_the_place_of_Twilio(int status, string? retryAfter)
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(status, "{}", retryAfter));
        await using var gateway = await ProviderServer.StartAsync(ProviderServer.Json(202, """{"messages":[{"id":"gw/1"}]}"""));
        await using var service = await NotificationService.StartAsync(new(SmsTests.Settings(twilio))
        {
            ["Sms:Others:0:Name"] = "other",
            ["Sms:Others:0:Url"] = $"{gateway.Address}send?to={{{{to}}}}",
            ["Sms:Others:0:Body"] = """{"text":"{{text}}","sender":"{{from}}","reference":"{{id}}"}""",
            ["Sms:Others:0:From"] = "White \"Cross\"",
            ["Sms:Others:0:Authorization"] = "Bearer gateway-key",
            ["Sms:Others:0:IdAt"] = "/messages/0/id",
        });

        for (var i = 0; i < 5; i++)
        {
            var result = await service.CompleteAsync(Some.Sms() with { NotificationId = Guid.CreateVersion7() });
            Assert.Equal(("other", "gw/1"), (result.Provider, result.ProviderId));
        }

        Assert.Equal(5, gateway.Requests.Count);
        Assert.InRange(twilio.Requests.Count, 1, 3);
        var request = gateway.Requests.First();
        Assert.Equal(("POST /send", "Bearer gateway-key"), (request.Line, request.Authorization));
        using var body = JsonDocument.Parse(request.Body);
        Assert.Equal(("Your appointment\nTomorrow at 9 <sharp>.", "White \"Cross\""), (body.RootElement.GetProperty("text").GetString(), body.RootElement.GetProperty("sender").GetString()));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "to={{to}}&text={{text}}", "to=%2B14155552671&text=Your+appointment%0ATomorrow+at+9+%3Csharp%3E.")]
    [InlineData("application/xml", "<sms to=\"{{to}}\">{{text}}</sms>", "<sms to=\"+14155552671\">Your appointment\nTomorrow at 9 &lt;sharp&gt;.</sms>")]
    public async Task Gateway_alone__is_asked_in_its_own_form(string type, string template, string body)
    {
        await using var gateway = await ProviderServer.StartAsync(ProviderServer.Json(200, "OK"));
        await using var service = await NotificationService.StartAsync(new()
        {
            ["Sms:Others:0:Url"] = $"{gateway.Address}send",
            ["Sms:Others:0:ContentType"] = type,
            ["Sms:Others:0:Body"] = template,
        });

        var result = await service.CompleteAsync(Some.Sms());

        Assert.Equal((NotificationState.Sent, "127.0.0.1"), (result.Result, result.Provider));
        Assert.Equal(body, Assert.Single(gateway.Requests).Body);
    }

    [Theory]
    [InlineData(400, typeof(JobOutcome.Fail))]
    [InlineData(429, typeof(JobOutcome.Snooze))]
    [InlineData(502, typeof(JobOutcome.Fail))]
    public async Task Gateways_answers__mean_what_they_say(int status, Type outcome)
    {
        await using var gateway = await ProviderServer.StartAsync(ProviderServer.Json(status, $"{Some.Phone}"));
        await using var service = await NotificationService.StartAsync(new()
        {
            ["Sms:Others:0:Url"] = $"{gateway.Address}send",
            ["Sms:Others:0:Body"] = """{"to":"{{to}}","text":"{{text}}"}""",
        });

        var got = await service.RunAsync(Some.Sms());

        Assert.IsType(outcome, got);
        Assert.DoesNotContain(Some.Phone, got.ToString(), StringComparison.Ordinal);
        Assert.Equal(status == 502, got.ToString()!.Contains("unknown", StringComparison.Ordinal));
    }

    private static Dictionary<string, string?> Settings(SmtpServer first, SmtpServer second) => new(EmailTests.Settings(first))
    {
        ["Email:Others:0:Host"] = "127.0.0.1",
        ["Email:Others:0:Port"] = $"{second.Port}",
        ["Email:Others:0:Security"] = "None",
    };
}
