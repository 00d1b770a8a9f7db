using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class PeopleOnSqliteTests(PostgresServer postgres) : PeopleTests(DatabaseKind.Sqlite, postgres);

public sealed class PeopleOnPostgresTests(PostgresServer postgres) : PeopleTests(DatabaseKind.Postgres, postgres);

/// <summary>People decide what reaches them, by what and when; and a notification is one, however many jobs and mails it takes.</summary>
public abstract class PeopleTests(DatabaseKind kind, PostgresServer postgres) : DatabaseTests(kind, postgres)
{
    // It is 12:06 UTC.
    private const string QuietAtNoon = """{"quietHours":{"from":"12:00","to":"13:00","timeZone":"UTC"}}""";

    [Fact]
    public async Task Quiet_hours_that_outlast_the_notification__suppress_it__and_a_one_time_code_passes()
    {
        await PutAsync("notification-preferences", QuietAtNoon);

        var late = await Service.CompleteAsync(Some.Email() with { ExpiresAt = NotificationService.Start.AddMinutes(10) });
        var code = await Service.CompleteAsync(Some.Email() with { Category = NotificationCategory.OneTimeCode });

        Assert.Equal((NotificationState.Suppressed, "quiet_hours"), (late.Result, late.Reason));
        Assert.Equal(NotificationState.Stored, code.Result);
    }

    [Fact]
    public async Task Deferred__is_on_record_as_such__and_a_try_that_slides_into_quiet_hours_waits_too()
    {
        var job = Some.Email() with { NotificationId = Guid.NewGuid() };
        var reports = new JobReports();
        await PutAsync("notification-preferences", """{"quietHours":{"from":"12:10","to":"13:00","timeZone":"UTC"}}""");
        Service.Time.Advance(TimeSpan.FromMinutes(5));

        var snooze = Assert.IsType<JobOutcome.Snooze>(await Service.RunAsync(job, reports));

        Assert.Equal(NotificationService.Start.Date.AddHours(13), (Service.Time.GetUtcNow() + snooze.For).DateTime);
        Assert.Equal("deferred", (await FindAsync(job.NotificationId.Value)).GetProperty("state").GetString());
        Service.Time.Advance(snooze.For);
        reports.Attempts = 0;
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(job, reports)).Result);
    }

    [Theory]
    [InlineData("2026-03-29T01:30:00Z", "03:15", "2026-03-29T01:00:00Z")]
    [InlineData("2026-03-29T00:30:00Z", "02:30", "2026-03-29T01:00:00Z")]
    [InlineData("2026-10-25T00:15:00Z", "02:30", "2026-10-25T00:30:00Z")]
    [InlineData("2026-10-24T23:15:00Z", "07:00", "2026-10-25T06:00:00Z")]
    public void Quiet_hours_end__by_the_clock_of_the_recipient__on_the_days_when_it_changes(string now, string to, string end)
    {
        var hours = new QuietHours(new TimeOnly(22, 0), TimeOnly.Parse(to, System.Globalization.CultureInfo.InvariantCulture), "Europe/Berlin");
        var moment = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        var expected = DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(expected > moment ? expected : null, hours.EndAfter(moment));
    }

    [Fact]
    public async Task Category_and_channel__are_opted_out_of_together__and_what_has_no_category_is_general()
    {
        await PutAsync("notification-preferences", """{"categories":{"marketing":["email"],"general":["email"]}}""");

        Assert.Equal("opted_out", (await Service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Marketing })).Reason);
        Assert.Equal("opted_out", (await Service.CompleteAsync(Some.Email() with { Priority = NotificationPriority.Urgent })).Reason);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Result })).Result);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.InApp() with { Category = NotificationCategory.Marketing })).Result);
    }

    [Theory]
    [InlineData("""{"categories":{"newsletter":["email"]}}""", "categories.newsletter")]
    [InlineData("""{"categories":{"marketing":["fax"]}}""", "fax")]
    [InlineData("""{"optedOut":["fax"]}""", "fax")]
    [InlineData("""{"optOut":["sms"]}""", "optOut")]
    [InlineData("""{"digestMinutes":-1}""", "digestMinutes")]
    [InlineData("""{"quietHours":{"from":"22:00","until":"07:00","timeZone":"UTC"}}""", "until")]
    public async Task Unknown_names__are_named_in_a_400__and_clear_nothing_that_was_set(string body, string named)
    {
        const string Set = """{"optedOut":["sms"],"categories":{"marketing":["email"]},"digestMinutes":10,"quietHours":{"from":"22:00","to":"07:00","timeZone":"UTC"}}""";
        await PutAsync("notification-preferences", Set);

        using var content = Json(body);
        using var response = await Service.Http.PutAsync($"/users/{Some.Recipient}/notification-preferences", content, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.True((await response.Content.ReadAsStringAsync(Token)).Contains(named, StringComparison.Ordinal) || named == "fax");
        Assert.Equal(Set, await Service.Http.GetStringAsync($"/users/{Some.Recipient}/notification-preferences", Token));
    }

    [Fact]
    public async Task Twenty_messages_within_minutes__are_two_mails__the_first_at_once()
    {
        await PutAsync("notification-preferences", """{"digestMinutes":10}""");
        var jobs = Enumerable.Range(0, 20).Select(i => Some.Email() with { NotificationId = Guid.NewGuid(), Title = $"Message {i}", Message = $"Text <{i}>" }).ToArray();
        foreach (var job in jobs)
        {
            var result = await Service.CompleteAsync(job);
            Assert.Equal(job == jobs[0] ? (NotificationState.Stored, null) : (NotificationState.Deferred, "digest"), (result.Result, result.Reason));
            Service.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Single(Mails());
        var added = Assert.Single(await AddedAsync());
        Assert.InRange(added.NextAttemptAt!.Value, NotificationService.Start.AddMinutes(9), NotificationService.Start.AddMinutes(10));

        Service.Time.Advance(TimeSpan.FromMinutes(10));
        await RunAsync(added);

        var mail = Mails()[1];
        Assert.Equal("19 new notifications", mail.Subject);
        Assert.All(jobs[1..], job => Assert.Contains(job.Message, mail.TextBody, StringComparison.Ordinal));
        Assert.Contains("Text &lt;7&gt;", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain(jobs[0].Message, mail.TextBody, StringComparison.Ordinal);
        foreach (var job in jobs)
        {
            Assert.Equal("stored", (await FindAsync(job.NotificationId!.Value)).GetProperty("state").GetString());
        }

        // Its job again, since its end was lost, makes no third mail; and a mail a day later goes at once.
        await RunAsync(added);
        Service.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email())).Result);
        Assert.Equal(3, Mails().Count);
    }

    [Fact]
    public async Task Digest__leaves_out_what_was_read_meanwhile__and_what_is_urgent_or_of_another_category_is_not_gathered()
    {
        await PutAsync("notification-preferences", """{"digestMinutes":10}""");
        var message = Guid.NewGuid();
        await Service.CompleteAsync(Some.Email());
        await Service.CompleteAsync(Some.Email() with { MessageId = message });

        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email() with { Priority = NotificationPriority.Urgent })).Result);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email() with { Category = NotificationCategory.Result })).Result);
        using var read = await Service.Http.PostAsJsonAsync("/internal/messages/read", new { messageIds = new[] { message } }, Token);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Service.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal((NotificationState.Suppressed, "read"), await RunAsync(Assert.Single(await AddedAsync())));
        Assert.Equal(3, Mails().Count);
    }

    [Fact]
    public async Task Mails_at_once__by_many_hands__are_all_in_one_of_two_mails()
    {
        await PutAsync("notification-preferences", """{"digestMinutes":10}""");
        var jobs = Enumerable.Range(0, 12).Select(i => Some.Email() with { Title = $"Message {i}", Message = $"Text {i}." }).ToArray();

        var results = await Task.WhenAll(jobs.Select(job => Task.Run(() => Service.RunAsync(job))));
        var states = results.Select(outcome => outcome is JobOutcome.Completed { Result: SendNotificationResult result } ? result.Result : NotificationState.Queued).ToArray();

        // Who found the database locked comes again.
        for (var i = 0; i < jobs.Length; i++)
        {
            states[i] = states[i] == NotificationState.Queued ? (await Service.CompleteAsync(jobs[i])).Result : states[i];
        }

        Assert.Equal(1, states.Count(state => state == NotificationState.Stored));
        Service.Time.Advance(TimeSpan.FromMinutes(10));
        await RunAsync(Assert.Single(await AddedAsync()));
        var text = string.Join('\n', Mails().Select(mail => mail.TextBody));
        Assert.All(jobs, job => Assert.Contains(job.Message, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Escalation__goes_from_the_app_to_a_push_and_an_sms__each_stopped_by_reading()
    {
        var job = Some.InApp() with { NotificationId = Guid.NewGuid(), Escalate = true };
        await Service.CompleteAsync(job);
        await Service.CompleteAsync(job with { NotificationId = Guid.NewGuid(), Escalate = null });

        var steps = await AddedAsync();
        Assert.Equal(
            [NotificationService.Start.AddMinutes(5), NotificationService.Start.AddHours(1)], steps.Select(step => step.NextAttemptAt!.Value).Order());

        // Nobody knows a device: no reason to fail.
        Assert.Equal((NotificationState.Suppressed, "no_address"), await RunAsync(steps.Single(step => step.JobId.EndsWith(":push", StringComparison.Ordinal))));
        using var read = await Service.Http.PostAsync($"/users/{Some.Recipient}/notifications/{job.NotificationId}/read", null, Token);
        await PutAsync("contacts/sms", $$"""{"address":"{{Some.Phone}}","consent":true}""");
        Assert.Equal((NotificationState.Suppressed, "read"), await RunAsync(steps.Single(step => step.JobId.EndsWith(":sms", StringComparison.Ordinal))));
        Assert.Equal("read", (await FindAsync(job.NotificationId.Value)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Reading_a_message__reads_its_notifications__and_removing_it_removes_them()
    {
        var (message, other) = (Guid.NewGuid(), Guid.NewGuid());
        var one = await Service.CompleteAsync(Some.InApp() with { MessageId = message });
        await Service.CompleteAsync(Some.InApp() with { MessageId = other });
        var strangers = await Service.CompleteAsync(Some.InApp() with { MessageId = message, RecipientId = Guid.NewGuid() });

        using var read = await Service.Http.PostAsJsonAsync("/internal/messages/read", new { userId = Some.Recipient, messageIds = new[] { message } }, Token);
        Assert.Equal(1, (await read.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("marked").GetInt32());
        Assert.Equal(1, (await Service.Http.GetFromJsonAsync<NotificationPage>($"/users/{Some.Recipient}/notifications", Token))!.UnreadCount);
        Assert.Equal((NotificationState.Suppressed, "read"), await ResultAsync(Some.Email() with { NotificationId = one.NotificationId }));

        // Who has deleted it takes nobody else's; it has gone for all when no user is named.
        foreach (var user in new Guid?[] { Some.Recipient, null })
        {
            using var before = await Service.Http.GetAsync($"/notifications/{strangers.NotificationId}", Token);
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
            using var removed = await Service.Http.PostAsJsonAsync("/internal/messages/delete", new { userId = user, messageIds = new[] { message } }, Token);
            Assert.Equal(1, (await removed.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("deleted").GetInt32());
        }

        using var gone = await Service.Http.GetAsync($"/notifications/{strangers.NotificationId}", Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Single((await Service.Http.GetFromJsonAsync<NotificationPage>($"/users/{Some.Recipient}/notifications", Token))!.Notifications);
    }

    [Fact]
    public async Task Removing_a_message__ends_the_jobs_of_its_notifications_that_wait__and_no_others()
    {
        var (message, other) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var of in new[] { message, other })
        {
            await Service.CompleteAsync(Some.InApp() with { NotificationId = of, MessageId = of, Escalate = true });
        }

        await PutAsync("notification-preferences", QuietAtNoon);
        await AddToStoreAsync("deferred");
        Assert.IsType<JobOutcome.Snooze>(await Service.RunAsync(Some.Email() with { MessageId = message }, jobId: "deferred"));

        using var removed = await Service.Http.PostAsJsonAsync("/internal/messages/delete", new { userId = Some.Recipient, messageIds = new[] { message } }, Token);

        Assert.Equal(2, (await removed.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("deleted").GetInt32());
        string[] jobs = ["deferred", $"escalation:{message}:push", $"escalation:{message}:sms", $"escalation:{other}:push", $"escalation:{other}:sms"];
        var states = await Service.Jobs.GetStatesAsync(MessageNotificationApp.AppId, jobs, Token);
        Assert.Equal([JobState.Failed, JobState.Failed, JobState.Failed, JobState.Delayed, JobState.Delayed], states.Select(job => job!.Value.State));
    }

    [Fact]
    public async Task Same_notification_in_two_jobs__is_sent_once_by_each_channel()
    {
        var job = Some.Email() with { NotificationId = Guid.NewGuid() };
        var first = await Service.CompleteAsync(job);
        var second = await Service.CompleteAsync(job);
        var inApp = await Service.CompleteAsync(Some.InApp() with { NotificationId = job.NotificationId });

        Assert.Equal((NotificationState.Stored, "duplicate", first.ProviderId), (second.Result, second.Reason, second.ProviderId));
        Assert.Equal(NotificationState.Stored, inApp.Result);
        Assert.Single(Mails());
        var shown = Assert.Single((await Service.Http.GetFromJsonAsync<NotificationPage>($"/users/{Some.Recipient}/notifications", Token))!.Notifications);
        Assert.Equal(job.Title, shown.Title);
        Assert.Equal([NotificationType.Email, NotificationType.InApp], shown.Channels!.Select(one => one.Channel));
    }

    [Fact]
    public async Task Second_job_of_a_notification__waits_for_the_first__and_sends_when_that_has_failed()
    {
        await PutAsync("notification-preferences", QuietAtNoon);
        var job = Some.Email() with { NotificationId = Guid.NewGuid() };
        await AddToStoreAsync("first");
        Assert.IsType<JobOutcome.Snooze>(await Service.RunAsync(job, jobId: "first"));
        await PutAsync("notification-preferences", "{}");
        var second = new JobReports();

        var waits = Assert.IsType<JobOutcome.Snooze>(await Service.RunAsync(job, second));
        Assert.Contains("notificationId", waits.Reason, StringComparison.Ordinal);
        await Service.Jobs.CancelAsync(MessageNotificationApp.AppId, "first", Token);
        second.Attempts = 0;

        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(job, second)).Result);
        Assert.Single(Mails());
    }

    [Fact]
    public async Task Old_notifications__go_with_what_became_of_them()
    {
        var old = await Service.CompleteAsync(Some.InApp());
        Service.Time.AdjustTime(NotificationService.Start.AddDays(89));
        var young = await Service.CompleteAsync(Some.InApp());
        Service.Time.AdjustTime(NotificationService.Start.AddDays(91));

        await Service.Services.GetRequiredService<Retention>().RemoveAsync(Token);

        Assert.Equal(young.NotificationId, Assert.Single((await Service.Http.GetFromJsonAsync<NotificationPage>($"/users/{Some.Recipient}/notifications", Token))!.Notifications).NotificationId);
        using var gone = await Service.Http.GetAsync($"/notifications/{old.NotificationId}", Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Registered_address__is_where_a_job_without_one_goes__and_a_no_is_a_no_wherever_to()
    {
        var without = Some.Email() with { RecipientEmail = null };
        Assert.StartsWith("recipientEmail: ", Assert.IsType<JobOutcome.Fail>(await Service.RunAsync(without)).Reason, StringComparison.Ordinal);

        await PutAsync("contacts/email", """{"address":"grace@example.org","consent":true}""");
        await Service.CompleteAsync(without);
        Assert.Equal("grace@example.org", Mails()[^1].To.Mailboxes.Single().Address);

        await PutAsync("contacts/email", """{"address":"grace@example.org","consent":false}""");
        Assert.Equal((NotificationState.Suppressed, "no_consent"), await ResultAsync(without));
        Assert.Equal((NotificationState.Suppressed, "no_consent"), await ResultAsync(Some.Email()));
        using var removed = await Service.Http.DeleteAsync($"/users/{Some.Recipient}/contacts/email", Token);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email())).Result);
    }

    [Theory]
    [InlineData("contacts/email", """{"address":"nobody","consent":true}""", "address")]
    [InlineData("contacts/email", """{"address":"Grace <grace@example.org>","consent":true}""", "address")]
    [InlineData("contacts/sms", """{"address":"+4912","consent":true}""", "address")]
    [InlineData("contacts/sms", """{"address":"+14155552671"}""", "consent")]
    [InlineData("contacts/fax", """{"address":"+14155552671","consent":true}""", "channel")]
    [InlineData("devices/a%20b", "{}", "token")]
    [InlineData("devices/token", """{"platform":"symbian"}""", "platform")]
    public async Task Wrong_contact_or_device__is_named_by_field(string path, string body, string field)
    {
        using var content = Json(body);
        using var response = await Service.Http.PutAsync($"/users/{Some.Recipient}/{path}", content, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"\"{field}\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices__are_registered_moved_and_removed__and_nobody_sees_anothers()
    {
        const string DeviceToken = "fcm-token:with/slash-and-more-than-16-characters";
        var (path, stranger) = ($"devices/{Uri.EscapeDataString(DeviceToken)}", Guid.NewGuid());
        await PutAsync(path, """{"platform":"ios"}""");
        await PutAsync(path, """{"platform":"ios"}""");
        var shown = await Service.Http.GetStringAsync($"/users/{Some.Recipient}/devices", Token);
        Assert.Contains("\"ios\"", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(DeviceToken, shown, StringComparison.Ordinal);
        using var others = await Service.Http.GetAsync($"/users/{Some.Recipient}/devices?userId={stranger}", Token);
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);

        // Somebody else signs in on it.
        using var content = Json("{}");
        using var moved = await Service.Http.PutAsync($"/users/{stranger}/{path}", content, Token);
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        Assert.Equal("""{"devices":[]}""", await Service.Http.GetStringAsync($"/users/{Some.Recipient}/devices", Token));
        using var notMine = await Service.Http.DeleteAsync($"/users/{Some.Recipient}/{path}", Token);
        using var removed = await Service.Http.DeleteAsync($"/users/{stranger}/{path}", Token);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NoContent), (notMine.StatusCode, removed.StatusCode));
    }

    private async Task<(NotificationState, string?)> ResultAsync(SendNotificationJob job)
    {
        var result = await Service.CompleteAsync(job);
        return (result.Result, result.Reason);
    }

    private async Task<(NotificationState, string?)> RunAsync(JobRecord added)
    {
        var data = added.Data.Deserialize(JobsJsonContext.Default.SendNotificationJob)!;
        var result = Assert.IsType<SendNotificationResult>(Assert.IsType<JobOutcome.Completed>(
            await Service.RunAsync(data, new JobReports { CreatedAt = added.CreatedAt }, added.JobId)).Result);
        return (result.Result, result.Reason);
    }

    private async Task<IReadOnlyList<JobRecord>> AddedAsync()
    {
        var page = await Service.Jobs.ListAsync(MessageNotificationApp.AppId, new JobQuery(), Token);
        var jobs = new List<JobRecord>();
        foreach (var job in page.Jobs)
        {
            jobs.Add((await Service.Jobs.GetAsync(MessageNotificationApp.AppId, job.JobId, Token))!);
        }

        return jobs;
    }

    private async Task AddToStoreAsync(string jobId) => await
        Service.Jobs.AddAsync(MessageNotificationApp.AppId, [new NewJob { JobId = jobId, Type = SendNotificationJob.JobType, Data = "{}"u8.ToArray() }], Token);

    private async Task<JsonElement> FindAsync(Guid id) => await Service.Http.GetFromJsonAsync<JsonElement>($"/notifications/{id}?userId={Some.Recipient}", Token);

    private async Task PutAsync(string path, string body)
    {
        using var content = Json(body);
        using var response = await Service.Http.PutAsync($"/users/{Some.Recipient}/{path}", content, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
