using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

public sealed class PushTests
{
    [Fact]
    public async Task Push__says_to_FCM_what_the_job_says()
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);
        var id = Guid.NewGuid();

        var result = await service.CompleteAsync(Some.Push("device-1") with
        {
            NotificationId = id,
            Priority = NotificationPriority.High,
            PushPayload = new PushPayload
            {
                Title = "Results",
                Body = "They are in.",
                Icon = "https://white.cross/icon.png",
                ClickAction = "open-results",
                Data = new() { ["count"] = JsonSerializer.SerializeToElement(2), ["view"] = JsonSerializer.SerializeToElement("results") },
            },
        });

        Assert.Equal((NotificationState.Sent, id), (result.Result, result.NotificationId));
        var message = JsonDocument.Parse(Assert.Single(fcm.Sends).Body).RootElement.GetProperty("message");
        Assert.Equal("device-1", message.GetProperty("token").GetString());
        Assert.Equal("""{"title":"Results","body":"They are in.","image":"https://white.cross/icon.png"}""", message.GetProperty("notification").GetRawText());
        Assert.Equal(
            $$$"""{"priority":"HIGH","notification":{"click_action":"open-results","tag":"{{{id}}}"}}""", message.GetProperty("android").GetRawText());
        Assert.Equal($$"""{"count":"2","view":"results","notificationId":"{{id}}"}""", message.GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task Access_token__is_got_once()
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        await service.CompleteAsync(Some.Push("a", "b", "c"));
        await service.CompleteAsync(Some.Push("d"));

        Assert.Equal((1, 4), (fcm.TokenRequests, fcm.Sends.Count()));
    }

    [Fact]
    public async Task Devices__are_each_on_record__a_retry_reaches_only_the_rest()
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["old"] = Fcm.Error(404, "NOT_FOUND", "UNREGISTERED");
        fcm.Answers["slow"] = Fcm.Error(503, "UNAVAILABLE", "UNAVAILABLE", "30");
        await using var service = await NotificationService.StartAsync(fcm.Settings);
        var reports = new JobReports();
        var job = Some.Push("new", "old", "slow");

        Assert.Equal(TimeSpan.FromSeconds(30), Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(job, reports)).For);
        fcm.Answers.Remove("slow");
        reports.Attempts = 0;
        service.Time.Advance(TimeSpan.FromMinutes(1));
        var result = await service.CompleteAsync(job, reports);

        Assert.Equal(NotificationState.Sent, result.Result);
        Assert.Equal([PushResult.Sent, PushResult.Unregistered, PushResult.Sent], result.Devices!.Select(device => device.Result));
        Assert.Equal(["new", "old", "slow", "slow"], fcm.Sends.Select(Fcm.TokenOf).Order());
        Assert.DoesNotContain("slow", string.Concat(reports.Steps), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_device_is_registered_any_more__completes_and_says_so()
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["old"] = Fcm.Error(404, "NOT_FOUND", "UNREGISTERED");
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        Assert.Equal(NotificationState.Unregistered, (await service.CompleteAsync(Some.Push("old"))).Result);
    }

    [Fact]
    public async Task Token_that_FCM_no_longer_knows__is_forgotten__and_no_other_is()
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["app-was-removed"] = Fcm.Error(404, "NOT_FOUND", "UNREGISTERED");
        fcm.Answers["is-refused"] = Fcm.Error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT");
        await using var service = await NotificationService.StartAsync(fcm.Settings);
        foreach (var device in new[] { "app-was-removed", "is-refused", "is-in-use" })
        {
            using var content = JsonContent.Create(new { });
            using var registered = await service.Http.PutAsync($"/users/{Some.Recipient}/devices/{device}", content, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        }

        // It names no device: those of the registry are meant.
        var first = await service.RunAsync(Some.Push());
        Assert.Equal(3, fcm.Sends.Count());
        var devices = (await service.Http.GetFromJsonAsync<JsonElement>($"/users/{Some.Recipient}/devices", TestContext.Current.CancellationToken)).GetProperty("devices");
        Assert.Equal(2, devices.GetArrayLength());

        await service.RunAsync(Some.Push());
        Assert.Equal(["app-was-removed", "is-in-use", "is-in-use", "is-refused", "is-refused"], fcm.Sends.Select(Fcm.TokenOf).Order());
        Assert.Equal(
            [PushResult.Sent, PushResult.Unregistered],
            Assert.IsType<SendNotificationResult>(Assert.IsType<JobOutcome.Completed>(first).Result).Devices!.Select(device => device.Result).Where(one => one != PushResult.Refused).Order());
    }

    [Theory]
    [InlineData(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", null, typeof(JobOutcome.Fail))]
    [InlineData(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", null, typeof(JobOutcome.Fail))]
    [InlineData(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", null, typeof(JobOutcome.Snooze))]
    [InlineData(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "9", typeof(JobOutcome.Snooze))]
    [InlineData(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", null, typeof(JobOutcome.Snooze))]
    [InlineData(500, "INTERNAL", "INTERNAL", null, typeof(JobOutcome.Snooze))]
    public async Task Errors__mean_what_FCM_says(int status, string word, string code, string? retryAfter, Type outcome)
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["device-1"] = Fcm.Error(status, word, code, retryAfter);
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        var got = await service.RunAsync(Some.Push("device-1"));

        Assert.IsType(outcome, got);
        Assert.Contains(code, got.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("device-1", got.ToString(), StringComparison.Ordinal);
        if (got is JobOutcome.Snooze snooze && retryAfter is not null)
        {
            Assert.Equal(TimeSpan.FromSeconds(9), snooze.For);
        }
    }

    [Theory]
    [InlineData(false, typeof(JobOutcome.Snooze), 2)]
    [InlineData(true, typeof(JobOutcome.Fail), 1)]
    public async Task FCM_hangs_up_after_the_request__sent_again_unless_configured_otherwise(bool otherwise, Type outcome, int sends)
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["device-1"] = ProviderServer.HangUpAsync;
        if (otherwise)
        {
            fcm.Settings["Push:OnUnknownOutcome"] = "Fail";
        }

        await using var service = await NotificationService.StartAsync(fcm.Settings);
        var reports = new JobReports();

        Assert.IsType(outcome, await service.RunAsync(Some.Push("device-1"), reports));
        fcm.Answers.Clear();
        await service.RunAsync(Some.Push("device-1"), reports);

        Assert.Equal(sends, fcm.Sends.Count());
    }

    [Fact]
    public async Task Refused_access_token__is_replaced_once__and_a_refused_account_waits_for_the_operator()
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);
        await service.CompleteAsync(Some.Push("a"));

        fcm.FirstGoodToken = 2;
        await service.CompleteAsync(Some.Push("a"), jobId: "job-2");
        Assert.Equal((2, 3), (fcm.TokenRequests, fcm.Sends.Count()));

        fcm.FirstGoodToken = int.MaxValue;
        Assert.Contains("Push:ServiceAccountFile", Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Push("a"), jobId: "job-3")).Reason!, StringComparison.Ordinal);
        Assert.Equal((3, 5), (fcm.TokenRequests, fcm.Sends.Count()));
    }

    [Fact]
    public async Task Platform_that_refuses_our_key__does_not_stop_the_other__and_the_job_says_whom_it_reached()
    {
        await using var fcm = await Fcm.StartAsync();
        fcm.Answers["iphone"] = Fcm.Error(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR");
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        for (var i = 0; i < 8; i++)
        {
            var reason = Assert.IsType<JobOutcome.Snooze>(await service.RunAsync(Some.Push("iphone", "android"), jobId: $"job-{i}")).Reason!;
            Assert.StartsWith("push: reached 1 of 2 devices; ", reason, StringComparison.Ordinal);
        }

        Assert.Equal(1, fcm.TokenRequests);
        Assert.Equal(8, fcm.Sends.Count(send => Fcm.TokenOf(send) == "android"));
    }

    [Fact]
    public async Task Device_named_twice__is_one()
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        var result = await service.CompleteAsync(Some.Push("a", "b", "a"));

        Assert.Equal(3, result.Devices!.Count);
        Assert.Equal(["a", "b"], fcm.Sends.Select(Fcm.TokenOf).Order());
    }

    [Fact]
    public async Task Too_many_devices__are_a_permanent_error_of_the_field()
    {
        await using var fcm = await Fcm.StartAsync();
        await using var service = await NotificationService.StartAsync(fcm.Settings);

        var outcome = await service.RunAsync(Some.Push([.. Enumerable.Range(0, 501).Select(i => $"{i}")]));

        Assert.StartsWith("deviceTokens: ", Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
        Assert.Empty(fcm.Sends);
    }

    [Fact]
    public async Task No_provider__is_a_permanent_error_that_names_the_setting()
    {
        await using var service = await NotificationService.StartAsync([]);

        Assert.Contains("Push:ServiceAccountFile", Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Push("a"))).Reason, StringComparison.Ordinal);
    }
}
