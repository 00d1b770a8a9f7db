using System.Text;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>What a run reports: progress, log lines, finished steps.</summary>
public abstract class ReportingContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task Progress_and_log_lines_are_on_record_while_the_job_runs()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        Assert.Equal(LeaseState.Held, await ReportAsync(new RunReport(run.Key)
        {
            Progress = Json("""{"percentage":25.5,"step":"ü","currentStep":1,"totalSteps":4,"data":{"n":1}}"""),
            Logs = ["one", "zwei: ü\n→"],
        }));
        await ReportAsync(new RunReport(run.Key) { Logs = ["three"] });

        var record = await GetAsync("a");
        Assert.Equal((25.5, "ü", 1, 4), (record.Progress.Percentage, record.Progress.Step, record.Progress.CurrentStep, record.Progress.TotalSteps));
        Assert.Equal("""{"n":1}""", record.Progress.Data?.GetRawText());
        Assert.Equal(["one", "zwei: ü\n→", "three"], record.Logs);
    }

    [Fact]
    public async Task Only_the_newest_log_lines_are_kept()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await ReportAsync(new RunReport(run.Key) { Logs = Ids("x", 150) });
        await FinishAsync(new RunEnd(run.Key, RunEndKind.Completed) { Logs = Ids("y", 100) });

        var logs = (await GetAsync("a")).Logs;
        Assert.Equal(JobStoreRules.MaxLogLines, logs.Count);
        Assert.Equal(["x051", "y100"], [logs[0], logs[^1]]);
    }

    [Fact]
    public async Task Finished_steps_survive_a_failed_attempt_with_their_results_in_their_order()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        var large = $"\"{new string('x', 60_000)}\"";
        foreach (var (step, result) in ((string, string)[])[("mail", """{"id":1}"""), ("sms", large), ("ü push", "null"), ("mail", """{"id":2}""")])
        {
            await ReportAsync(new RunReport(run.Key) { Step = step, StepResult = Json(result) });
        }

        await RetryLaterAsync(run, TimeSpan.Zero);
        await TakeDueAsync();
        await StartAsync("a");

        var steps = await Store.GetStepsAsync(Queue, "a", Cancel);
        Assert.Equal(["mail", "sms", "ü push"], (await GetAsync("a")).Steps);
        Assert.Equal(3, steps.Count);
        Assert.Equal("""{"id":2}""", Encoding.UTF8.GetString(steps["mail"].Span));
        Assert.Equal(large, Encoding.UTF8.GetString(steps["sms"].Span));
        Assert.Equal("null", Encoding.UTF8.GetString(steps["ü push"].Span));
    }

    [Fact]
    public async Task A_job_may_have_so_many_steps_and_no_more()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.ReportAsync(
            Queue, [.. Enumerable.Range(0, JobStoreRules.MaxSteps + 1).Select(n => new RunReport(run.Key) { Step = $"s{n}", StepResult = Json("1") })], Cancel);
        await ReportAsync(new RunReport(run.Key) { Step = "s0", StepResult = Json("2") });

        var steps = await Store.GetStepsAsync(Queue, "a", Cancel);
        Assert.Equal(JobStoreRules.MaxSteps, steps.Count);
        Assert.False(steps.ContainsKey($"s{JobStoreRules.MaxSteps}"));
        Assert.Equal("2", Encoding.UTF8.GetString(steps["s0"].Span));
    }

    [Fact]
    public async Task A_job_without_steps_or_without_a_record_has_none()
    {
        await AddAsync("a");
        Assert.Empty(await Store.GetStepsAsync(Queue, "a", Cancel));
        Assert.Empty(await Store.GetStepsAsync(Queue, "none", Cancel));
    }

    [Fact]
    public async Task Reports_of_a_batch_are_answered_in_their_order()
    {
        await AddAsync("a");
        await AddAsync("b");
        var first = await StartAsync("a");
        var second = await StartAsync("b");
        await Store.CancelAsync(Queue, "b", Cancel);
        var states = await Store.ReportAsync(
            Queue,
            [
                new RunReport(first.Key) { Logs = ["1", "2", "3"] },
                new RunReport(new RunKey("a", 99)) { Logs = ["no"] },
                new RunReport(second.Key) { Progress = Json("""{"percentage":1}""") },
                new RunReport(new RunKey("none", 1)),
            ],
            Cancel);
        Assert.Equal([LeaseState.Held, LeaseState.Lost, LeaseState.CancelRequested, LeaseState.Lost], states);
        Assert.Equal(["1", "2", "3"], (await GetAsync("a")).Logs);
        Assert.Equal(1, (await GetAsync("b")).Progress.Percentage);
    }

    [Fact]
    public async Task Nothing_of_a_removed_job_is_left_for_a_later_one_of_the_same_id()
    {
        Options.KeepTombstonesFor = TimeSpan.FromMinutes(1);
        await AddAsync("a");
        var run = await StartAsync("a");
        await ReportAsync(new RunReport(run.Key) { Logs = ["old"], Step = "old", StepResult = Json("1"), Progress = Json("""{"percentage":50}""") });
        await CompleteAsync(run);
        await Store.RemoveAsync(Queue, "a", Cancel);
        Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(AddOutcome.Added, (await AddAsync("a")).Outcome);
        var record = await GetAsync("a");
        Assert.Empty(record.Logs);
        Assert.Empty(record.Steps);
        Assert.Empty(record.Attempts);
        Assert.Equal(0, record.Progress.Percentage);
        Assert.Empty(await Store.GetStepsAsync(Queue, "a", Cancel));
        Assert.False((await StartAsync("a")).HasRunBefore);
    }

    [Fact]
    public async Task A_step_beyond_the_most_is_refused_and_the_log_lines_beside_it_are_kept()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        await Store.ReportAsync(Queue, [.. Ids("s", 1000).Select(name => new RunReport(run.Key) { Step = name, StepResult = Json("1") })], Cancel);
        Assert.Equal(LeaseState.TooManySteps, await ReportAsync(new RunReport(run.Key) { Step = "one more", StepResult = Json("1"), Logs = ["here"] }));
        Assert.Equal(LeaseState.Held, await ReportAsync(new RunReport(run.Key) { Step = "s007", StepResult = Json("2") }));

        var steps = await Store.GetStepsAsync(Queue, "a", Cancel);
        Assert.Equal((1000, "2"), (steps.Count, System.Text.Encoding.UTF8.GetString(steps["s007"].Span)));
        Assert.Equal((1000, "here"), ((await GetAsync("a")).Steps.Count, (await GetAsync("a")).Logs.Single()));
    }

    [Fact]
    public async Task A_numbered_report_is_taken_once_and_so_is_what_goes_with_the_end()
    {
        await AddAsync("a");
        var run = await StartAsync("a");
        RunReport first = new(run.Key) { Sequence = 1, Logs = ["one"], Progress = Json("""{"percentage":10}""") };
        await ReportAsync(first);
        await ReportAsync(new RunReport(run.Key) { Sequence = 2, Logs = ["two"], Progress = Json("""{"percentage":20}""") });
        Assert.Equal(LeaseState.Held, await ReportAsync(first));
        Assert.Equal((20d, 2), ((await GetAsync("a")).Progress.Percentage, (await GetAsync("a")).Logs.Count));

        await FinishAsync(new RunEnd(run.Key, RunEndKind.Released) { Sequence = 2, Logs = ["two"] });
        var second = await StartAsync("a");
        await ReportAsync(new RunReport(second.Key) { Sequence = 1, Logs = ["three"] });
        await FinishAsync(new RunEnd(second.Key, RunEndKind.Completed) { Sequence = 2, Logs = ["four"] });
        Assert.Equal(["one", "two", "three", "four"], (await GetAsync("a")).Logs);
    }
}
