using System.Collections.Concurrent;
using System.Diagnostics;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

public sealed class PrivacyTests
{
    private const string Secret = "haemoglobin-17-secret";
    private const string Device = "device-token-secret";

    [Fact]
    public async Task No_log_line_at_any_level_no_span_and_no_outcome__holds_what_was_said_or_where_it_went()
    {
        var told = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => !source.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => told.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var mail = new SmtpServer { Login = ("white-cross", "password-secret") };
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var fcm = await Fcm.StartAsync();
        var settings = EmailTests.Settings(mail).Concat(SmsTests.Settings(twilio)).Concat(fcm.Settings).ToDictionary();
        settings["Email:UserName"] = "white-cross";
        settings["Email:Password"] = "password-secret";
        settings["Sms:AuthToken"] = "token-secret";
        await using var service = await NotificationService.StartAsync(settings, logsEverything: true);
        SendNotificationJob[] jobs = [Some.Email(), Some.Sms(), Some.Push(Device), Some.InApp()];

        foreach (var job in jobs)
        {
            var secret = job with { Title = Secret, Message = Secret };
            told.Enqueue($"{await service.RunAsync(secret, jobId: $"{job.Type}")}");
        }

        mail.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? $"550 {Some.Address} {Secret}" : null;
        twilio.Answer = ProviderServer.Json(400, $$"""{"code":21211,"message":"{{Some.Phone}} {{Secret}}"}""");
        fcm.Answers[Device] = ProviderServer.HangUpAsync;
        foreach (var job in jobs)
        {
            told.Enqueue($"{await service.RunAsync(job with { Title = Secret, Message = Secret }, jobId: $"{job.Type}-2")}");
        }

        Assert.NotEmpty(mail.Mails);
        Assert.Contains(service.Logs.Lines, line => line.Contains("INSERT INTO", StringComparison.Ordinal));
        foreach (var line in service.Logs.Lines.Concat(told))
        {
            Assert.DoesNotContain("secret", line.Replace("SECRET_JOB_KEYS", string.Empty, StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Some.Address, line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Some.Phone[1..], line, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task No_span__holds_a_devices_token_or_the_key_in_a_link()
    {
        var told = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => told.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var service = await NotificationService.StartAsync([]);

        using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var device = await service.Http.PutAsync($"/users/{Some.Recipient}/devices/{Device}", content, TestContext.Current.CancellationToken);
        using var link = await service.Http.GetAsync($"/notifications/unsubscribe/{Secret}", TestContext.Current.CancellationToken);

        Assert.True(device.IsSuccessStatusCode);
        await Eventually.TrueAsync(() => told.Count(line => line.Contains("{token}", StringComparison.Ordinal)) >= 2);
        Assert.DoesNotContain(told, line => line.Contains(Device, StringComparison.Ordinal) || line.Contains(Secret, StringComparison.Ordinal));
    }
}
