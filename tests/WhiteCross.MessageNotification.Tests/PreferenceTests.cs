using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class PreferencesOnSqliteTests(PostgresServer postgres) : PreferenceTests(DatabaseKind.Sqlite, postgres);

public sealed class PreferencesOnPostgresTests(PostgresServer postgres) : PreferenceTests(DatabaseKind.Postgres, postgres);

public abstract class PreferenceTests(DatabaseKind kind, PostgresServer postgres) : DatabaseTests(kind, postgres)
{
    [Fact]
    public async Task Preferences__are_kept__and_replaced_as_a_whole()
    {
        var user = Guid.NewGuid();
        const string Quiet = """{"optedOut":["sms","in_app"],"categories":{"reminder":["email"],"marketing":["push","email"]},"digestMinutes":10,"quietHours":{"from":"22:00","to":"07:30","timeZone":"Europe/Berlin"}}""";
        Assert.Equal("""{"optedOut":[],"categories":{},"digestMinutes":null,"quietHours":null}""", await GetAsync(user));

        using var first = await PutAsync(user, Quiet);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(Quiet, await GetAsync(user));

        using var second = await PutAsync(user, """{"optedOut":["email"]}""");
        Assert.Equal("""{"optedOut":["email"],"categories":{},"digestMinutes":null,"quietHours":null}""", await GetAsync(user));
        Assert.Equal("""{"optedOut":[],"categories":{},"digestMinutes":null,"quietHours":null}""", await GetAsync(Guid.NewGuid()));
    }

    [Fact]
    public async Task Opted_out__is_suppressed_by_any_priority__other_channels_are_not()
    {
        var job = Some.InApp() with { Priority = NotificationPriority.Urgent };
        using var put = await PutAsync(job.RecipientId, """{"optedOut":["in_app"]}""");

        var result = await Service.CompleteAsync(job);

        Assert.Equal((NotificationState.Suppressed, "opted_out"), (result.Result, result.Reason));
        Assert.Empty(Pushes.Pushed);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.Email() with { RecipientId = job.RecipientId })).Result);
    }

    // It is 12:06 UTC.
    [Theory]
    [InlineData("13:00", "14:00", "Europe/Berlin", true)]
    [InlineData("13:07", "14:00", "Europe/Berlin", false)]
    [InlineData("12:00", "13:06", "Europe/Berlin", false)]
    [InlineData("12:00", "13:00", "UTC", true)]
    [InlineData("21:00", "08:00", "Asia/Tokyo", true)]
    [InlineData("22:00", "07:00", "Asia/Tokyo", false)]
    [InlineData("22:00", "08:00", "America/Los_Angeles", true)]
    public async Task Quiet_hours__are_the_recipients_own(string from, string to, string zone, bool isQuiet)
    {
        var job = Some.Email();
        using var put = await PutAsync(job.RecipientId, $$$"""{"quietHours":{"from":"{{{from}}}","to":"{{{to}}}","timeZone":"{{{zone}}}"}}""");

        var outcome = await Service.RunAsync(job);

        if (!isQuiet)
        {
            Assert.Equal(NotificationState.Stored, Assert.IsType<SendNotificationResult>(Assert.IsType<JobOutcome.Completed>(outcome).Result).Result);
            return;
        }

        // Deferred until their end, to the minute, and then sent.
        var snooze = Assert.IsType<JobOutcome.Snooze>(outcome);
        Assert.True(snooze.StartsAnew);
        Service.Time.Advance(snooze.For);
        Assert.Equal(TimeOnly.Parse(to, CultureInfo.InvariantCulture), TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(Service.Time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(zone)).DateTime));
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(job)).Result);
    }

    [Fact]
    public async Task Quiet_hours__hold_back_neither_what_is_urgent_nor_what_waits_in_the_app()
    {
        var job = Some.Email();
        using var put = await PutAsync(job.RecipientId, """{"quietHours":{"from":"12:00","to":"13:00","timeZone":"UTC"}}""");

        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(job with { Priority = NotificationPriority.Urgent })).Result);
        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(Some.InApp() with { RecipientId = job.RecipientId }, jobId: "job-2")).Result);
    }

    [Fact]
    public async Task What_is_out__stays_reported_as_it_was__whatever_is_wished_later()
    {
        var job = Some.Email();
        var reports = new JobReports();
        await Service.CompleteAsync(job, reports);
        using var put = await PutAsync(job.RecipientId, """{"optedOut":["email"]}""");

        Assert.Equal(NotificationState.Stored, (await Service.CompleteAsync(job, reports)).Result);
    }

    [Theory]
    [InlineData("""{"quietHours":{"from":"25:00","to":"7","timeZone":"Mars/Olympus"}}""", "quietHours.from,quietHours.timeZone,quietHours.to")]
    [InlineData("""{"quietHours":{"from":"22:00","to":"22:00","timeZone":"UTC"}}""", "quietHours.to")]
    [InlineData("""{"quietHours":{}}""", "quietHours.from,quietHours.timeZone,quietHours.to")]
    public async Task Wrong_quiet_hours__are_named_by_field(string body, string fields)
    {
        using var response = await PutAsync(Guid.NewGuid(), body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(fields, string.Join(',', problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order()));
    }

    [Fact]
    public async Task Unknown_channel__is_refused()
    {
        using var response = await PutAsync(Guid.NewGuid(), """{"optedOut":["fax"]}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Several_at_once__leave_one_of_them_whole()
    {
        var user = Guid.NewGuid();
        string[] bodies = ["""{"optedOut":["sms"],"categories":{},"digestMinutes":null,"quietHours":null}""", """{"optedOut":[],"categories":{"general":["email"]},"digestMinutes":5,"quietHours":{"from":"22:00","to":"07:00","timeZone":"UTC"}}"""];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var response = await PutAsync(user, bodies[i % 2]);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }));

        Assert.Contains(await GetAsync(user), bodies);
    }

    private Task<string> GetAsync(Guid user) => Service.Http.GetStringAsync($"/users/{user}/notification-preferences", Token);

    private async Task<HttpResponseMessage> PutAsync(Guid user, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await Service.Http.PutAsync($"/users/{user}/notification-preferences", content, Token);
    }
}
