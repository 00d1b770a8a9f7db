using System.Text.Json.Nodes;

namespace WhiteCross.Cli.Tests;

/// <summary><c>wc schedules</c>.</summary>
public sealed class ScheduleTests(CliSystem system)
{
    [Fact]
    public async Task A_schedule_is_made_listed_run_disabled_enabled_and_removed()
    {
        var id = $"hourly-{Guid.NewGuid():N}";
        Assert.Contains($"{id} is enabled; the next run is in ", (await PutAsync(Schedule(id, "0 * * * *"), "--queue", "message-delivery")).Well().Output, StringComparison.Ordinal);

        var listed = (await system.RunAsync("schedules")).Well();
        Assert.Contains(id, listed.Output, StringComparison.Ordinal);
        Assert.Contains("0 * * * * UTC", listed.Output, StringComparison.Ordinal);
        Assert.Contains("message-cleanup", listed.Output, StringComparison.Ordinal); // The nightly one.

        var jobId = (await system.RunAsync("schedules", "run", id)).Well().Output.Trim();
        (await system.RunAsync("tail", "--job", jobId)).Well();
        Assert.Equal($"{id} is disabled.\n", (await system.RunAsync("schedules", "disable", id)).Well().Output);
        Assert.True((await system.RunAsync("schedules", "enable", id, "--json")).Well().Json["enabled"]!.GetValue<bool>());
        (await system.RunAsync("schedules", "remove", id)).Refused(ExitCodes.WrongInput, "say --yes");
        (await system.RunAsync("schedules", "remove", id, "--yes")).Well();
        (await system.RunAsync("schedules", "run", id)).Refused(ExitCodes.NotFound, "No queue has a schedule");
    }

    [Fact]
    public async Task What_a_schedules_job_is_about_is_not_shown_but_what_a_clean_up_deletes_is()
    {
        var id = $"daily-{Guid.NewGuid():N}";
        (await PutAsync(Schedule(id, "0 4 * * *"), "--queue", "message-delivery", "--json")).Well();

        var listed = (await system.RunAsync("schedules", "message-delivery", "--json")).Well();
        var nightly = (await system.RunAsync("schedules", "message-cleanup", "--json")).Well();

        Assert.Contains(listed.Json["schedules"]!.AsArray(), schedule => schedule!["id"]!.GetValue<string>() == id);
        Assert.DoesNotContain(JobFiles.Secret, listed.Output, StringComparison.Ordinal);
        Assert.Contains("old_messages", nightly.Output, StringComparison.Ordinal);
        (await system.RunAsync("schedules", "message-delivery", "--json", "--data")).Refused(ExitCodes.WrongInput, "--data");
        (await system.RunAsync("schedules", "remove", id, "--yes", "--json")).Well();
        Assert.Contains("No schedules.", (await system.RunAsync("schedules", "message-notification")).Well().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_schedule_is_said_field_by_field() =>
        (await PutAsync(Schedule("x", "often"), "--queue", "message-delivery")).Refused(ExitCodes.WrongInput, "cron  must be a cron expression");

    private static JsonObject Schedule(string id, string cron) => new() { ["id"] = id, ["cron"] = cron, ["job"] = JobFiles.SendMessage() };

    private Task<Ran> PutAsync(JsonObject schedule, params string[] args)
    {
        var tool = new Tool { Input = schedule.ToJsonString() };
        foreach (var (name, value) in system.Tool().Variables)
        {
            tool.Variables[name] = value;
        }

        return tool.RunAsync(["schedules", "put", "-", .. args]);
    }
}
