using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>What providers say later moves the notification, its job's record and the user's list, and what is no good is not written to again.</summary>
public sealed class ReceiptTests
{
    private const string Key = "receipts-key-of-at-least-32-characters";
    private const string PublicUrl = "https://api.example.org/white-cross";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("delivered", null, "delivered", null)]
    [InlineData("undelivered", "30003", "bounced", null)]
    [InlineData("undelivered", "30005", "bounced", "bounced")]
    [InlineData("failed", "21610", "bounced", "stop")]
    [InlineData("sent", null, "sent", null)]
    [InlineData("queued", null, "sent", null)]
    public async Task Twilios_status__moves_the_notification_and_suppresses_what_is_no_number(string status, string? error, string state, string? suppressed)
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await StartAsync(SmsTests.Settings(twilio));
        var sent = await service.CompleteAsync(Some.Sms());
        var callback = new Uri(FormOf(Assert.Single(twilio.Requests).Body)["StatusCallback"]);
        Assert.StartsWith($"{PublicUrl}/notifications/receipts/twilio?", callback.AbsoluteUri, StringComparison.Ordinal);

        Dictionary<string, string> form = new() { ["MessageSid"] = "SM1", ["MessageStatus"] = status, ["To"] = Some.Phone };
        if (error is not null)
        {
            form["ErrorCode"] = error;
        }

        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, callback, form));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, callback, form));

        Assert.Equal(state, await StateAsync(service, sent.NotificationId));
        var later = await service.CompleteAsync(Some.Sms());
        Assert.Equal(suppressed is null ? (NotificationState.Sent, null) : (NotificationState.Suppressed, $"address_{suppressed}"), (later.Result, later.Reason));
    }

    [Fact]
    public async Task Receipt_while_the_job_store_is_away__is_taken__and_is_on_the_notifications_own_record()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await NotificationService.StartAsync(
            new(SmsTests.Settings(twilio)) { ["Receipts:Key"] = Key, ["Notifications:PublicUrl"] = PublicUrl },
            builder => builder.Services.AddSingleton(AwayStore.Create()));
        var sent = await service.CompleteAsync(Some.Sms());
        var callback = new Uri(FormOf(Assert.Single(twilio.Requests).Body)["StatusCallback"]);
        Assert.Equal("sent", await StateAsync(service, sent.NotificationId));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, callback, new() { ["MessageSid"] = "SM1", ["MessageStatus"] = "undelivered", ["ErrorCode"] = "30005" }));

        Assert.Equal("bounced", await StateAsync(service, sent.NotificationId));
        Assert.Equal("address_bounced", (await service.CompleteAsync(Some.Sms())).Reason);
        Assert.Contains(service.Logs.Lines, line => line.Contains("the job store is away", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Twilios_receipts_out_of_order__never_take_back_what_is_known()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await StartAsync(SmsTests.Settings(twilio));
        var sent = await service.CompleteAsync(Some.Sms());
        var callback = new Uri(FormOf(Assert.Single(twilio.Requests).Body)["StatusCallback"]);

        foreach (var status in new[] { "delivered", "sent", "queued", "sending" })
        {
            await CallAsync(service, callback, new() { ["MessageSid"] = "SM1", ["MessageStatus"] = status });
        }

        Assert.Equal("delivered", await StateAsync(service, sent.NotificationId));
    }

    [Fact]
    public async Task Receipt_that_is_faster_than_the_answer__counts__and_so_does_one_that_solves_an_unknown()
    {
        NotificationService? service = null;
        await using var twilio = await ProviderServer.StartAsync(async (request, context) =>
        {
            Assert.Equal(HttpStatusCode.OK, await CallAsync(
                service!, new Uri(FormOf(request.Body)["StatusCallback"]), new() { ["MessageSid"] = "SM1", ["MessageStatus"] = "delivered", ["To"] = Some.Phone }));
            await ProviderServer.Json(201, """{"sid":"SM1"}""")(request, context);
        });
        await using var own = service = await StartAsync(SmsTests.Settings(twilio));

        Assert.Equal(NotificationState.Delivered, (await service.CompleteAsync(Some.Sms())).Result);

        // The connection breaks, and only the receipt says that it was sent all the same.
        Uri? callback = null;
        twilio.Answer = (request, context) =>
        {
            callback = new Uri(FormOf(request.Body)["StatusCallback"]);
            return ProviderServer.HangUpAsync(request, context);
        };
        var job = Some.Sms() with { NotificationId = Guid.NewGuid() };
        var reports = new JobReports();
        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(job, reports));
        Assert.Equal("unknown", await StateAsync(service, job.NotificationId.Value));
        await CallAsync(service, callback!, new() { ["MessageSid"] = "SM2", ["MessageStatus"] = "delivered" });
        Assert.Equal("delivered", await StateAsync(service, job.NotificationId.Value));
    }

    [Fact]
    public async Task Twilios_callback__is_believed_only_when_it_is_signed_for_this_address()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await StartAsync(SmsTests.Settings(twilio));
        var sent = await service.CompleteAsync(Some.Sms());
        var callback = new Uri(FormOf(Assert.Single(twilio.Requests).Body)["StatusCallback"]);
        Dictionary<string, string> form = new() { ["MessageSid"] = "SM1", ["MessageStatus"] = "undelivered", ["ErrorCode"] = "30005" };

        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(service, callback, form, signature: string.Empty));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(service, callback, form, signature: Sign(callback.AbsoluteUri, form, "another token")));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(service, callback, form, signature: Sign("http://127.0.0.1/notifications/receipts/twilio", form, "token")));
        Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(service, callback, new(form) { ["ErrorCode"] = "1" }, signature: Sign(callback.AbsoluteUri, form, "token")));
        Assert.Equal("sent", await StateAsync(service, sent.NotificationId));

        // With the port, as Twilio signs some addresses.
        var withPort = callback.AbsoluteUri.Replace("api.example.org", "api.example.org:443", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, callback, form, signature: Sign(withPort, form, "token")));
        Assert.Equal("bounced", await StateAsync(service, sent.NotificationId));
    }

    [Fact]
    public async Task STOP__ends_all_sms_to_the_number__and_START_begins_them_again()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(201, """{"sid":"SM1"}"""));
        await using var service = await StartAsync(SmsTests.Settings(twilio));
        var inbound = new Uri($"{PublicUrl}/notifications/receipts/twilio");

        Assert.Equal(HttpStatusCode.OK, await CallAsync(service, inbound, new() { ["From"] = Some.Phone, ["Body"] = " stop ", ["SmsStatus"] = "received" }));
        var stopped = await service.CompleteAsync(Some.Sms());
        await CallAsync(service, inbound, new() { ["From"] = Some.Phone, ["Body"] = "Thank you", ["SmsStatus"] = "received" });
        Assert.Equal(NotificationState.Suppressed, (await service.CompleteAsync(Some.Sms())).Result);
        await CallAsync(service, inbound, new() { ["From"] = Some.Phone, ["Body"] = "START", ["OptOutType"] = "START" });

        Assert.Equal((NotificationState.Suppressed, "address_stop"), (stopped.Result, stopped.Reason));
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(Some.Sms())).Result);
        Assert.Single(twilio.Requests);
    }

    [Fact]
    public async Task Twilio_refuses_a_stopped_number__it_is_not_asked_again()
    {
        await using var twilio = await ProviderServer.StartAsync(ProviderServer.Json(400, """{"code":21610,"message":"Attempt to send to unsubscribed recipient"}"""));
        await using var service = await StartAsync(SmsTests.Settings(twilio));

        Assert.Contains("STOP", Assert.IsType<JobOutcome.Fail>(await service.RunAsync(Some.Sms())).Reason, StringComparison.Ordinal);
        Assert.Equal("address_stop", (await service.CompleteAsync(Some.Sms())).Reason);

        Assert.Single(twilio.Requests);
    }

    [Theory]
    [InlineData("failed", "5.1.1", "bounced", true)]
    [InlineData("failed", "5.2.2", "bounced", false)]
    [InlineData("failed", "5.7.1", "bounced", false)]
    [InlineData("failed", "4.4.7", "bounced", false)]
    [InlineData("delayed", "4.4.1", "sent", false)]
    [InlineData("relayed", "2.0.0", "sent", false)]
    [InlineData("delivered", "2.0.0", "delivered", false)]
    public async Task Delivery_report__moves_the_notification__and_a_bounced_address_is_not_written_to_again(string action, string status, string state, bool isSuppressed)
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        var sent = await service.CompleteAsync(Some.Email());
        var report = DeliveryReport(sent.ProviderId!, action, status);

        var taken = await SendMailAsync(service, report);
        Assert.Equal(0, (await SendMailAsync(service, report)).GetProperty("moved").GetInt32());

        Assert.Equal(state == "sent" ? 0 : 1, taken.GetProperty("moved").GetInt32());
        Assert.Equal(state, await StateAsync(service, sent.NotificationId));

        // However it is written.
        var later = await service.CompleteAsync(Some.Email() with { RecipientEmail = "Ada.Patient@EXAMPLE.org" });
        Assert.Equal(isSuppressed ? (NotificationState.Suppressed, "address_bounced") : (NotificationState.Sent, null), (later.Result, later.Reason));
    }

    [Fact]
    public async Task Complaint__moves_the_notification__and_the_address_is_not_written_to_again()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        var sent = await service.CompleteAsync(Some.Email());

        await SendMailAsync(service, $"""
            From: feedback@mailbox.example
            To: bounces@white-cross.test
            Subject: FW: Your appointment
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=feedback-report; boundary="b"

            --b
            Content-Type: text/plain

            This is an e-mail abuse report.
            --b
            Content-Type: message/feedback-report

            Feedback-Type: abuse
            User-Agent: SomeGenerator/1.0
            Version: 1

            --b
            Content-Type: message/rfc822

            From: no-reply@white-cross.test
            Message-ID: {sent.ProviderId}
            Subject: Your appointment

            Text
            --b--
            """);

        Assert.Equal("complained", await StateAsync(service, sent.NotificationId));
        Assert.Equal("address_complained", (await service.CompleteAsync(Some.Email())).Reason);
    }

    [Theory]
    [InlineData("""[{"event":"bounce","smtp-id":"ID","status":"5.1.1","type":"bounce","email":"ada.patient@example.org"}]""", "bounced", true)]
    [InlineData("""[{"event":"bounce","smtp-id":"ID","status":"5.1.1","type":"blocked"}]""", "bounced", false)]
    [InlineData("""{"event":"delivered","messageId":"ID","at":"2026-03-04T13:00:00Z"}""", "delivered", false)]
    [InlineData("""{"event-data":{"event":"failed","severity":"permanent","message":{"headers":{"message-id":"BARE"}}}}""", "bounced", true)]
    [InlineData("""{"event-data":{"event":"failed","severity":"temporary","message":{"headers":{"message-id":"BARE"}}}}""", "sent", false)]
    [InlineData("""[{"event":"spamreport","smtp-id":"ID"}]""", "complained", true)]
    [InlineData("""[{"event":"processed","smtp-id":"ID"},{"event":"open","smtp-id":"ID"},{"event":"new-kind","x":[1]}]""", "sent", false)]
    [InlineData("""[{"event":"delivered","smtp-id":"<somebody-elses@mail>"}]""", "sent", false)]
    public async Task Webhook_events__are_read_in_their_common_form(string body, string state, bool isSuppressed)
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        var sent = await service.CompleteAsync(Some.Email());
        body = body.Replace("BARE", sent.ProviderId!.Trim('<', '>'), StringComparison.Ordinal).Replace("ID", sent.ProviderId, StringComparison.Ordinal);

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await SendAsync(service, "/notifications/receipts", content, Key);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(state, await StateAsync(service, sent.NotificationId));
        Assert.Equal(isSuppressed ? NotificationState.Suppressed : NotificationState.Sent, (await service.CompleteAsync(Some.Email())).Result);
    }

    [Fact]
    public async Task Unsubscribe_event__opts_out_of_the_category__and_of_no_other()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        var sent = await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Reminder });

        using var content = JsonContent.Create(new { @event = "unsubscribe", messageId = sent.ProviderId });
        using var response = await SendAsync(service, "/notifications/receipts", content, Key);

        Assert.Equal("unsubscribed", await StateAsync(service, sent.NotificationId));
        Assert.Equal("opted_out", (await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Reminder })).Reason);
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Result })).Result);
    }

    [Theory]
    [InlineData("/notifications/receipts", "application/json", null)]
    [InlineData("/notifications/receipts/mail", "message/rfc822", "another-key-of-at-least-32-characters")]
    public async Task Who_does_not_show_the_key__is_refused(string path, string type, string? key)
    {
        await using var service = await StartAsync([]);
        using var content = new StringContent("{}", Encoding.UTF8, type);
        using var response = await SendAsync(service, path, content, key);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);

        await using var withoutKey = await NotificationService.StartAsync([]);
        using var again = new StringContent("{}", Encoding.UTF8, type);
        using var unset = await SendAsync(withoutKey, path, again, Key);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unset.StatusCode);
        Assert.Contains("Receipts:Key", await unset.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "/notifications/receipts", "nonsense", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "/notifications/receipts", "[1]", HttpStatusCode.BadRequest)]
    [InlineData("text/plain", "/notifications/receipts/mail", "Subject: x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("message/rfc822", "/notifications/receipts/mail", "Subject: I am on holiday\r\n\r\nUntil Monday.", HttpStatusCode.OK)]
    [InlineData("message/rfc822", "/notifications/receipts/mail", "\0\0\0", HttpStatusCode.OK)]
    public async Task What_is_no_receipt__is_told_or_passed_over__and_never_an_error_of_ours(string type, string path, string body, HttpStatusCode status)
    {
        await using var service = await StartAsync([]);
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await SendAsync(service, path, content, Key);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Maildir__is_read__and_what_was_read_is_moved()
    {
        var folder = Directory.CreateTempSubdirectory("maildir-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "new"));
        Directory.CreateDirectory(Path.Combine(folder, "cur"));
        try
        {
            await using var server = new SmtpServer();
            await using var service = await StartAsync(new(EmailTests.Settings(server)) { ["Receipts:Maildir"] = folder });
            var sent = await service.CompleteAsync(Some.Email());
            await File.WriteAllTextAsync(Path.Combine(folder, "new", "1"), DeliveryReport(sent.ProviderId!, "failed", "5.1.1"), Token);
            await File.WriteAllTextAsync(Path.Combine(folder, "new", "2"), "no mail at all", Token);

            await Eventually.TrueAsync(() =>
            {
                service.Time.Advance(TimeSpan.FromMinutes(1));
                return Directory.GetFiles(Path.Combine(folder, "new")).Length == 0;
            });

            Assert.Equal("bounced", await StateAsync(service, sent.NotificationId));
            Assert.Equal(2, Directory.GetFiles(Path.Combine(folder, "cur")).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Receipt__is_in_the_jobs_record_and_in_the_users_list()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        await service.Jobs.AddAsync(MessageNotificationApp.AppId, [new NewJob { JobId = "mail-1", Type = SendNotificationJob.JobType, Data = "{}"u8.ToArray() }], Token);
        var run = (await service.Jobs.BeginAsync(MessageNotificationApp.AppId, [new BeginRequest("mail-1")], Token))[0].Run!;
        var sent = await service.CompleteAsync(Some.Email(), jobId: "mail-1");
        await service.Jobs.FinishAsync(
            MessageNotificationApp.AppId, [new RunEnd(run.Key, RunEndKind.Completed) { Result = JsonSerializer.SerializeToUtf8Bytes(sent, JsonSerializerOptions.Web) }], Token);

        await SendMailAsync(service, DeliveryReport(sent.ProviderId!, "failed", "5.1.1"));

        var record = await service.Jobs.GetAsync(MessageNotificationApp.AppId, "mail-1", Token);
        Assert.Equal(JobState.Completed, record!.State);
        Assert.Equal(("bounced", "5.1.1", "localhost"), (
            record.Result!.Value.GetProperty("result").GetString(), record.Result.Value.GetProperty("reason").GetString(), record.Result.Value.GetProperty("provider").GetString()));
        var list = await service.Http.GetFromJsonAsync<JsonElement>($"/users/{Some.Recipient}/notifications?channel=email", Token);
        var shown = Assert.Single(list.GetProperty("notifications").EnumerateArray());
        Assert.Equal(("bounced", JsonValueKind.Null), (shown.GetProperty("state").GetString(), shown.GetProperty("message").ValueKind));
        Assert.Equal(0, (await service.Http.GetFromJsonAsync<JsonElement>($"/users/{Some.Recipient}/notifications", Token)).GetProperty("notifications").GetArrayLength());
    }

    [Fact]
    public async Task Suppression_list__is_shown_masked__and_edited()
    {
        await using var server = new SmtpServer();
        await using var service = await StartAsync(EmailTests.Settings(server));
        using var added = await service.Http.PostAsJsonAsync("/internal/suppressions", new { channel = "email", address = Some.Address }, Token);
        using var again = await service.Http.PostAsJsonAsync("/internal/suppressions", new { channel = "email", address = Some.Address.ToUpperInvariant() }, Token);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (added.StatusCode, again.StatusCode));
        Assert.Equal("address_manual", (await service.CompleteAsync(Some.Email())).Reason);

        var list = await service.Http.GetStringAsync("/internal/suppressions?channel=email", Token);
        Assert.DoesNotContain(Some.Address, list, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("@example.org", list, StringComparison.Ordinal);
        using var found = await service.Http.PostAsJsonAsync("/internal/suppressions/find", new { channel = "email", address = Some.Address }, Token);
        var id = (await found.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetGuid();
        using var removed = await service.Http.DeleteAsync($"/internal/suppressions/{id}", Token);
        using var gone = await service.Http.DeleteAsync($"/internal/suppressions/{id}", Token);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, gone.StatusCode));
        Assert.Equal(NotificationState.Sent, (await service.CompleteAsync(Some.Email())).Result);
    }

    [Fact]
    public async Task Address_that_the_server_says_there_is_not__is_not_written_to_again()
    {
        await using var server = new SmtpServer { Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 No such user" : null };
        await using var service = await StartAsync(EmailTests.Settings(server));

        var job = Some.Email() with { NotificationId = Guid.NewGuid() };
        Assert.IsType<JobOutcome.Fail>(await service.RunAsync(job));

        Assert.Equal("bounced", await StateAsync(service, job.NotificationId.Value));
        Assert.Equal("address_bounced", (await service.CompleteAsync(Some.Email())).Reason);
    }

    private static Task<NotificationService> StartAsync(Dictionary<string, string?> settings) =>
        NotificationService.StartAsync(new(settings) { ["Receipts:Key"] = Key, ["Notifications:PublicUrl"] = PublicUrl });

    private static async Task<string> StateAsync(NotificationService service, Guid id) =>
        (await service.Http.GetFromJsonAsync<JsonElement>($"/notifications/{id}?userId={Some.Recipient}", Token)).GetProperty("state").GetString()!;

    private static async Task<JsonElement> SendMailAsync(NotificationService service, string mail)
    {
        using var content = new StringContent(mail.ReplaceLineEndings("\r\n"), new MediaTypeHeaderValue("message/rfc822"));
        using var response = await SendAsync(service, "/notifications/receipts/mail", content, Key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private static async Task<HttpResponseMessage> SendAsync(NotificationService service, string path, HttpContent content, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await service.Http.SendAsync(request, Token);
    }

    private static async Task<HttpStatusCode> CallAsync(NotificationService service, Uri callback, Dictionary<string, string> form, string? signature = null)
    {
        // As a proxy passes it on: another host, another scheme, and without the prefix.
        using var request = new HttpRequestMessage(HttpMethod.Post, callback.PathAndQuery["/white-cross".Length..]) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Add("X-Twilio-Signature", signature ?? Sign(callback.AbsoluteUri, form, "token"));
        using var response = await service.Http.SendAsync(request, Token);
        return response.StatusCode;
    }

#pragma warning disable CA5350 // As Twilio documents it.
    private static string Sign(string url, Dictionary<string, string> form, string token) => Convert.ToBase64String(HMACSHA1.HashData(
        Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(url + string.Concat(form.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => field.Key + field.Value)))));

#pragma warning restore CA5350

    private static Dictionary<string, string> FormOf(string body) => body.Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => WebUtility.UrlDecode(part[1]));

    private static string DeliveryReport(string messageId, string action, string status) => $"""
        From: MAILER-DAEMON@mail.example.org
        To: bounces@white-cross.test
        Subject: Delivery Status Notification
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain

        Words.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mail.example.org

        Final-Recipient: rfc822; somebody.else@example.net
        Action: {action}
        Status: {status}

        --b
        Content-Type: text/rfc822-headers

        From: no-reply@white-cross.test
        Message-ID: {messageId}
        Subject: Your appointment

        --b--
        """;

    /// <summary>A store that does not answer.</summary>
    public class AwayStore : DispatchProxy
    {
        public static IJobStore Create() => Create<IJobStore, AwayStore>();

        // Its parts are there, and answer no more than it does.
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod is { IsSpecialName: true } ? Create(targetMethod.ReturnType, typeof(AwayStore)) : throw new JobStoreUnavailableException();
    }
}
