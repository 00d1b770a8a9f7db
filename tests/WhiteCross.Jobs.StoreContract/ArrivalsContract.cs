using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using Xunit;

namespace WhiteCross.Jobs.StoreContract;

/// <summary>Jobs that events have brought to a process: on record, and held for it while it lives.</summary>
public abstract class ArrivalsContract(IJobStoreFactory factory) : JobStoreContract(factory)
{
    [Fact]
    public async Task A_job_that_an_event_describes_is_on_record_when_it_arrives_and_once_however_often()
    {
        Assert.Equal(new JobArrival(true, JobState.Waiting), await ReceiveAsync(Job("a")));
        Assert.Equal(new JobArrival(false, JobState.Waiting), await ReceiveAsync(Job("a", """{"other":1}""")));

        Assert.Equal("a", (await GetAsync("a")).Data.GetProperty("of").GetString());
        Assert.Equal(1, (await MetricsAsync()).Added);
        Assert.Equal(JobState.Waiting, (await GetAsync("a")).State);
    }

    [Fact]
    public async Task Of_a_batch_each_gets_its_answer_in_order()
    {
        await AddCompletedAsync("done");
        await AddCompletedAsync(Job("gone"));
        await Store.RemoveAsync(Queue, "gone", Cancel);
        await AddAsync("runs");
        await StartAsync("runs");

        var answers = await Store.ReceiveAsync(
            Queue,
            [Job("done"), Job("new"), Job("gone"), Job("runs"), Job("new"), Job("later") with { Delay = TimeSpan.FromSeconds(9) }, Job("bad") with { Error = new JobError("no") }],
            Cancel);

        Assert.Equal(
            [
                new(false, JobState.Completed), new(true, JobState.Waiting), new(false, null), new(false, JobState.Active), new(false, JobState.Waiting),
                new(true, JobState.Delayed), new(true, JobState.Failed),
            ],
            answers);
        Assert.Empty(await Store.ReceiveAsync(Queue, [], Cancel));
        Assert.Equal(6, (await MetricsAsync()).Added);
    }

    [Fact]
    public async Task A_delay_counts_from_the_arrival()
    {
        await ReceiveAsync(Job("a") with { Delay = TimeSpan.FromSeconds(50) });
        Assert.Equal(Now.AddSeconds(50), (await GetAsync("a")).NextAttemptAt);
        Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task What_has_arrived_is_held_for_the_lease_and_then_handed_out()
    {
        await ReceiveAsync(Job("a"));
        await AddAsync("b");
        Assert.Equal([true], await Store.HoldAsync(Queue, ["b"], Cancel));

        Time.Advance(Options.Lease - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await TakeDueAsync());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a", "b"], (await TakeDueAsync()).Order());
    }

    [Fact]
    public async Task Who_lives_keeps_what_it_holds()
    {
        await ReceiveAsync(Job("a"));
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(Options.Lease / 2);
            Assert.Equal([true], await Store.HoldAsync(Queue, ["a"], Cancel));
            Assert.Empty(await TakeDueAsync());
        }
    }

    [Fact]
    public async Task What_is_held_has_an_event_as_far_as_the_reconciler_is_concerned()
    {
        await ReceiveAsync(Job("a"));
        Time.Advance(Options.Lease / 2);
        await Store.HoldAsync(Queue, ["a"], Cancel);

        var marks = JobLanes.All.ToDictionary(lane => lane.Priority, _ => TimeSpan.Zero);
        Assert.Equal(0, await Store.ReconcileAsync(Queue, marks, TimeSpan.FromSeconds(1), 10, Cancel));
    }

    [Fact]
    public async Task A_job_that_begins_is_held_no_more()
    {
        await ReceiveAsync(Job("a"));
        var run = await StartAsync("a");
        Assert.Equal([false], await Store.HoldAsync(Queue, ["a"], Cancel));
        await CompleteAsync(run);
        Assert.Equal([false, false], await Store.HoldAsync(Queue, ["a", "none"], Cancel));
        Time.Advance(Options.Lease);
        Assert.Empty(await TakeDueAsync());
    }

    [Fact]
    public async Task Only_waiting_jobs_are_held_whatever_their_priority()
    {
        await Store.AddAsync(
            Queue, [.. Enum.GetValues<JobPriority>().Select(priority => Job($"{priority}") with { Priority = priority }), Job("later") with { Delay = TimeSpan.FromHours(1) }], Cancel);

        Assert.Equal([true, false, true, true, true], await Store.HoldAsync(Queue, ["Critical", "later", "Low", "High", "Normal"], Cancel));
        Assert.Empty(await Store.HoldAsync(Queue, [], Cancel));
    }

    [Fact]
    public async Task A_job_that_arrives_in_a_paused_queue_is_handed_out_when_it_is_resumed()
    {
        await Store.PauseAsync(Queue, Cancel);
        Assert.Equal(new JobArrival(true, JobState.Paused), await ReceiveAsync(Job("a")));
        Assert.Equal([false], await Store.HoldAsync(Queue, ["a"], Cancel));

        await Store.ResumeAsync(Queue, Cancel);
        Assert.Equal(["a"], await TakeDueAsync());
    }

    [Fact]
    public async Task A_held_job_can_be_cancelled_and_given_back()
    {
        await ReceiveAsync(Job("a"));
        await ReceiveAsync(Job("b"));
        Assert.Equal(ChangeOutcome.Done, await Store.CancelAsync(Queue, "a", Cancel));
        await Store.RequestEventsAsync(Queue, ["a", "b"], Cancel);
        Assert.Equal(["b"], await TakeDueAsync());
    }

    private async Task<JobArrival> ReceiveAsync(NewJob job) => (await Store.ReceiveAsync(Queue, [job], Cancel))[0];
}
