using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway.Tests;

/// <summary>Repeatable jobs by HTTP.</summary>
public sealed class ScheduleTests
{
    private const string Schedules = "/queue/message-delivery/schedules";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schedule_is_made_read_changed_and_removed()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var made = await gateway.PostAsync(Schedules, Request("hourly", "\"cron\":\"0 * * * *\""));
        using var changed = await gateway.PostAsync(Schedules, Request("hourly", "\"every\":60000,\"limit\":3"));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made.StatusCode, changed.StatusCode));
        Assert.Equal($"{Schedules}/hourly", made.Headers.Location!.ToString());
        var (_, read) = await gateway.GetAsync($"{Schedules}/hourly");
        Assert.Equal((60000, 3), (read!["every"]!.GetValue<int>(), read["limit"]!.GetValue<int>()));
        Assert.Null(read["cron"]);

        // Whoever changes only its times need not know what its job is about; a new one needs a job.
        var schedules = gateway.Services.GetRequiredService<IVersionedStore<JobSchedule>>();
        var job = (await schedules.FindAsync("message-delivery", "hourly", Cancellation))!.Job.GetRawText();
        using var kept = await gateway.PostAsync(Schedules, """{"id":"hourly","cron":"30 * * * *"}""");
        using var without = await gateway.PostAsync(Schedules, """{"id":"other","cron":"30 * * * *"}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (kept.StatusCode, without.StatusCode));
        var after = (await schedules.FindAsync("message-delivery", "hourly", Cancellation))!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(job), JsonNode.Parse(after.Job.GetRawText())), after.Job.GetRawText());
        Assert.Equal("30 * * * *", after.Cron);
        Assert.Single((await gateway.GetAsync(Schedules)).Body!["schedules"]!.AsArray());
        using var removed = await gateway.Client.DeleteAsync(new Uri($"{Schedules}/hourly", UriKind.Relative), Cancellation);
        using var again = await gateway.Client.DeleteAsync(new Uri($"{Schedules}/hourly", UriKind.Relative), Cancellation);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task A_due_schedule_adds_its_job()
    {
        await using var gateway = await GatewayHost.StartAsync();

        using var made = await gateway.PostAsync(Schedules, Request("soon", "\"every\":1000,\"limit\":1"));

        var jobId = await Eventually(async () => (await gateway.GetAsync($"{Schedules}/soon")).Body!["lastJobId"]?.GetValue<string>());
        var (status, job) = await gateway.GetAsync($"/queue/message-delivery/jobs/{Uri.EscapeDataString(jobId)}");
        Assert.Equal((HttpStatusCode.OK, "send-message"), (status, job!["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Schedules_of_the_settings_come_back_after_the_store_has_lost_its_data()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var gateway = await GatewayHost.StartAsync(null, time);
        var schedules = gateway.Services.GetRequiredService<IVersionedStore<JobSchedule>>();
        await SeededAsync();

        foreach (var schedule in await schedules.ListAsync("message-cleanup", Cancellation))
        {
            await schedules.RemoveAsync("message-cleanup", schedule.Id, Cancellation);
        }

        await SeededAsync();

        Task SeededAsync() => Eventually(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await schedules.ListAsync("message-cleanup", Cancellation)).Count == 3 ? "there" : null;
        });
    }

    [Fact]
    public async Task Run_now_adds_a_job_and_disabling_stops_the_plan()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var made = await gateway.PostAsync(Schedules, Request("daily", "\"cron\":\"0 2 * * *\""));

        using var run = await gateway.PostAsync($"{Schedules}/daily/run");
        using var disabled = await gateway.PostAsync($"{Schedules}/daily/disable");
        using var nobody = await gateway.PostAsync($"{Schedules}/nobody/run");

        Assert.Equal(HttpStatusCode.Accepted, run.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync(run.Headers.Location!.ToString())).Status);
        Assert.False((await disabled.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["enabled"]!.GetValue<bool>());
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    [Fact]
    public async Task No_answer_says_what_a_schedules_job_is_about()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var made = await gateway.PostAsync(Schedules, Request("daily", "\"cron\":\"0 2 * * *\""));
        using var changed = await gateway.PostAsync(Schedules, Request("daily", "\"cron\":\"0 3 * * *\""));
        using var disabled = await gateway.PostAsync($"{Schedules}/daily/disable");
        using var enabled = await gateway.PostAsync($"{Schedules}/daily/enable");

        foreach (var answer in new[] { made, changed, disabled, enabled })
        {
            var said = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.True(answer.IsSuccessStatusCode, said);
            Assert.DoesNotContain("content", said, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("content", (await gateway.GetAsync(Schedules)).Body!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_nightly_clean_up_is_there_by_default_and_as_the_settings_say()
    {
        await using var gateway = await GatewayHost.StartAsync(null, ("NightlyCleanup:RetentionDays", "30"), ("NightlyCleanup:TimeZone", "Europe/Berlin"));

        var nightly = await Eventually(async () =>
            (await gateway.GetAsync("/queue/message-cleanup/schedules")).Body!["schedules"]!.AsArray() is { Count: 3 } all ? all : null);

        Assert.All(nightly, schedule =>
        {
            Assert.Equal(("0 2 * * *", "Europe/Berlin", "settings"), (schedule!["cron"]!.GetValue<string>(), schedule["timeZone"]!.GetValue<string>(), schedule["origin"]!.GetValue<string>()));
            Assert.Equal(30, schedule["job"]!["data"]!["retentionDays"]!.GetValue<int>());
        });
        using var removed = await gateway.Client.DeleteAsync(new Uri("/queue/message-cleanup/schedules/nightly-old-messages", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, removed.StatusCode);
    }

    [Theory]
    [InlineData("NightlyCleanup:Cron", "nightly")]
    [InlineData("NightlyCleanup:TimeZone", "Mars")]
    [InlineData("NightlyCleanup:RetentionDays", "0")]
    public async Task A_wrong_setting_fails_the_start_by_name(string name, string value) =>
        Assert.Contains(name, (await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayHost.StartAsync(null, (name, value)))).Message, StringComparison.Ordinal);

    private static string Request(string id, string when) => $$"""{"id":"{{id}}",{{when}},"job":{{GatewayHost.Message()}}}""";

    private static async Task<T> Eventually<T>(Func<Task<T?>> find)
        where T : class
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await find() is { } found)
            {
                return found;
            }

            await timer.WaitForNextTickAsync(patience.Token);
        }
    }
}
