using System.Text;
using WhiteCross.Jobs;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>Against a server that behaves like Twilio's Messages API as documented.</summary>
public sealed class SmsTests
{
    private const string Account = "AC0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task Sms__is_posted_as_Twilio_wants_it()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1","status":"queued"}"""));
        await using var service = await NotificationService.StartAsync(Settings(twilio));

        var result = await service.CompleteAsync(Some.Sms());

        Assert.Equal((NotificationState.Sent, "SM1"), (result.Result, result.ProviderId));
        var request = Assert.Single(twilio.Requests);
        Assert.Equal($"POST /2010-04-01/Accounts/{Account}/Messages.json", request.Line);
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Account}:token"))}", request.Authorization);
        Assert.Equal("To=%2B14155552671&From=%2B14155550100&Body=Your+appointment%0ATomorrow+at+9+%3Csharp%3E.", request.Body);
    }

    [Fact]
    public async Task Messaging_service__sends_in_place_of_a_number()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await NotificationService.StartAsync(new(Settings(twilio)) { ["Sms:From"] = null, ["Sms:MessagingServiceSid"] = "MG1" });

        await service.CompleteAsync(Some.Sms());

        Assert.Contains("MessagingServiceSid=MG1", Assert.Single(twilio.Requests).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+15550100")]
    [InlineData("+4912")]
    [InlineData("call me")]
    public async Task Number_that_cannot_exist__is_a_permanent_error_of_its_field(string number)
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await NotificationService.StartAsync(Settings(twilio));

        var reason = Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms() with { RecipientPhone = number })).Reason;

        Assert.StartsWith("recipientPhone: ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(number, reason, StringComparison.Ordinal);
        Assert.Empty(twilio.Requests);
    }

    [Theory]
    [InlineData(400, """{"code":21211,"message":"Invalid 'To' Phone Number: +14155552671","status":400}""", null, typeof(JobOutcome.Fail), "21211")]
    [InlineData(401, """{"code":20003,"message":"Authenticate","status":401}""", null, typeof(JobOutcome.Snooze), "Sms:AccountSid")]
    [InlineData(429, """{"code":20429,"message":"Too Many Requests","status":429}""", "7", typeof(JobOutcome.Snooze), "429")]
    [InlineData(429, """{"code":20429,"message":"Too Many Requests","status":429}""", null, typeof(JobOutcome.Snooze), "429")]
    [InlineData(503, "no JSON", "7", typeof(JobOutcome.Snooze), "503")]
    [InlineData(500, """{"code":20500,"message":"Internal Server Error","status":500}""", null, typeof(JobOutcome.Snooze), "500")]
    [InlineData(504, "<html>", null, typeof(JobOutcome.Fail), "Sms:OnUnknownOutcome")]
    public async Task Errors__mean_what_Twilio_says(int status, string body, string? retryAfter, Type outcome, string named)
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(status, body, retryAfter));
        await using var service = await NotificationService.StartAsync(Settings(twilio));
        var reports = new JobReports();

        var got = await service.RunAsync(Some.Sms(), reports);

        Assert.IsType(outcome, got);
        Assert.Contains(named, got.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Some.Phone, got.ToString(), StringComparison.Ordinal);
        if (got is JobOutcome.Snooze snooze)
        {
            if (retryAfter is not null)
            {
                Assert.Equal(TimeSpan.FromSeconds(7), snooze.For);
            }

            reports.Attempts = 0;
            service.Time.Advance(snooze.For);
        }

        // Whatever was surely not sent is sent by a later attempt, once.
        if (got is not JobOutcome.Fail)
        {
            twilio.Answer = ProviderServer.Json(201, """{"sid":"SM2"}""");
            Assert.Equal("SM2", (await service.CompleteAsync(Some.Sms(), reports)).ProviderId);
            Assert.Equal("SM2", (await service.CompleteAsync(Some.Sms(), reports)).ProviderId);
            Assert.Equal(2, twilio.Requests.Count);
        }
    }

    [Fact]
    public async Task Twilio_hangs_up_after_the_request__nobody_can_tell__not_sent_again()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.HangUpAsync);
        await using var service = await NotificationService.StartAsync(Settings(twilio));
        var reports = new JobReports();

        Assert.Contains("unknown", Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms(), reports)).Reason, StringComparison.Ordinal);
        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms(), reports));

        Assert.Single(twilio.Requests);
    }

    [Fact]
    public async Task No_provider__is_a_permanent_error_that_names_the_setting()
    {
        await using var service = await NotificationService.StartAsync([]);

        Assert.Contains("Sms:AccountSid", Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms())).Reason, StringComparison.Ordinal);
    }

    internal static Dictionary<string, string?> Settings(ProviderServer twilio) => new()
    {
        ["Sms:AccountSid"] = Account,
        ["Sms:AuthToken"] = "token",
        ["Sms:From"] = "+14155550100",
        ["Sms:BaseAddress"] = twilio.Address.ToString(),
    };
}
