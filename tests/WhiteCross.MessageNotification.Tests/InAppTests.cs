using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

public sealed class InAppOnSqliteTests(PostgresServer postgres) : InAppTests(DatabaseKind.Sqlite, postgres);

public sealed class InAppOnPostgresTests(PostgresServer postgres) : InAppTests(DatabaseKind.Postgres, postgres);

public abstract class InAppTests(DatabaseKind kind, PostgresServer postgres) : DatabaseTests(kind, postgres)
{
    [Fact]
    public async Task Notification__is_stored_shown_and_pushed__once()
    {
        var job = Some.InApp() with { MessageId = Guid.NewGuid(), Priority = NotificationPriority.High };
        var reports = new JobReports();

        var result = await Service.CompleteAsync(job, reports);
        Assert.Equal(result, await Service.CompleteAsync(job, reports));

        Assert.Equal((NotificationState.Stored, 2), (result.Result, result.PushedTo));
        var shown = await PageAsync($"/users/{job.RecipientId}/notifications");
        var one = Assert.Single(shown.Notifications);
        Assert.Equal(
            new NotificationView(result.NotificationId, job.Title, job.Message, job.MessageId, NotificationPriority.High, NotificationService.Start, null), one with { State = null, Channels = null });
        Assert.Equal(1, shown.UnreadCount);
        Assert.Equal("stored", one.State);
        Assert.Equal((job.RecipientId, one with { State = null, Channels = null }), Assert.Single(Pushes.Pushed));
    }

    [Fact]
    public async Task Hub_is_away__stored_all_the_same__pushed_to_none()
    {
        Pushes.IsAway = true;
        var job = Some.InApp();

        Assert.Equal(0, (await Service.CompleteAsync(job)).PushedTo);

        Assert.Single((await PageAsync($"/users/{job.RecipientId}/notifications")).Notifications);
    }

    [Fact]
    public async Task Id_of_another_users_notification__is_refused__and_shows_nothing()
    {
        var first = Some.InApp() with { NotificationId = Guid.NewGuid() };
        await Service.CompleteAsync(first);

        var outcome = await Service.RunAsync(first with { RecipientId = Guid.NewGuid() }, jobId: "job-2");

        Assert.StartsWith("notificationId: ", Assert.IsType<JobOutcome.Fail>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_cannot_be_stored__is_a_permanent_error() =>
        Assert.StartsWith("message: ", Assert.IsType<JobOutcome.Fail>(await Service.RunAsync(Some.InApp() with { Message = "a\0b" })).Reason, StringComparison.Ordinal);

    [Fact]
    public async Task List__comes_in_pages__newest_first__each_once_though_new_ones_arrive()
    {
        var user = Guid.NewGuid();
        for (var i = 0; i < 11; i++)
        {
            await AddAsync(user, i);
            Service.Time.Advance(TimeSpan.FromMilliseconds(i % 3));
        }

        await AddAsync(Guid.NewGuid(), 99);
        var seen = new List<NotificationView>();
        string? cursor = null;
        do
        {
            var page = await PageAsync($"/users/{user}/notifications?limit=4" + (cursor is null ? string.Empty : $"&cursor={cursor}"));
            seen.AddRange(page.Notifications);
            cursor = page.NextCursor;
            Service.Time.Advance(TimeSpan.FromSeconds(1));
            await AddAsync(user, 100 + seen.Count);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 11).Select(i => $"{i}").Order(), seen.Select(one => one.Title).Order());
        Assert.Equal(seen.Select(one => one.CreatedAt).OrderDescending(), seen.Select(one => one.CreatedAt));
    }

    [Fact]
    public async Task Reading_one_and_all__counts__and_the_first_time_stays()
    {
        var user = Guid.NewGuid();
        await AddAsync(user, 1);
        await AddAsync(user, 2);
        await AddAsync(user, 3);
        var id = (await PageAsync($"/users/{user}/notifications")).Notifications[0].NotificationId;

        using var first = await Service.Http.PostAsync($"/users/{user}/notifications/{id}/read", null, Token);
        Service.Time.Advance(TimeSpan.FromMinutes(1));
        using var again = await Service.Http.PostAsync($"/users/{user}/notifications/{id}/read", null, Token);

        Assert.Equal(NotificationService.Start, (await again.Content.ReadFromJsonAsync<NotificationView>(Token))!.ReadAt);
        var unread = await PageAsync($"/users/{user}/notifications?unread=true");
        Assert.Equal((2, 2), (unread.UnreadCount, unread.Notifications.Count));
        Assert.DoesNotContain(unread.Notifications, one => one.NotificationId == id);

        using var all = await Service.Http.PostAsync($"/users/{user}/notifications/read", null, Token);
        Assert.Equal(2, (await all.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("marked").GetInt32());
        Assert.Equal(0, (await PageAsync($"/users/{user}/notifications")).UnreadCount);
    }

    [Fact]
    public async Task Another_users__cannot_be_listed_or_read()
    {
        var (user, stranger) = (Guid.NewGuid(), Guid.NewGuid());
        await AddAsync(user, 1);
        var id = (await PageAsync($"/users/{user}/notifications")).Notifications[0].NotificationId;

        using var list = await Service.Http.GetAsync($"/users/{user}/notifications?userId={stranger}", Token);
        using var all = await Service.Http.PostAsync($"/users/{user}/notifications/read?userId={stranger}", null, Token);
        using var asOwn = await Service.Http.PostAsync($"/users/{stranger}/notifications/{id}/read", null, Token);
        using var preferences = await Service.Http.GetAsync($"/users/{user}/notification-preferences?userId={stranger}", Token);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (list.StatusCode, all.StatusCode));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Forbidden), (asOwn.StatusCode, preferences.StatusCode));
        Assert.Equal(1, (await PageAsync($"/users/{user}/notifications")).UnreadCount);
    }

    [Theory]
    [InlineData("/users/me/notifications?limit=0&cursor=x&unread=maybe&userId=7", "cursor,id,limit,unread,userId")]
    [InlineData("/users/3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b/notifications?limit=201", "limit")]
    public async Task What_is_wrong_with_a_request__is_said_all_at_once(string path, string fields)
    {
        using var response = await Service.Http.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(fields, string.Join(',', problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order()));
    }

    private Task<SendNotificationResult> AddAsync(Guid user, int title) =>
        Service.CompleteAsync(Some.InApp() with { RecipientId = user, Title = $"{title}" }, jobId: $"{user}-{title}");

    private async Task<NotificationPage> PageAsync(string path) => (await Service.Http.GetFromJsonAsync<NotificationPage>(path, Token))!;
}
