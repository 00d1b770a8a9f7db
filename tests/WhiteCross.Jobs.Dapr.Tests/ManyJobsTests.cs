using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>Events that name many jobs, as a service takes them.</summary>
public sealed class ManyJobsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"jobs":[{"jobId":"a","type":"index-message","priority":"LOW"},{"jobId":"b","type":"index-message","priority":20},{"jobId":"c"}]}""")]
    [InlineData("""{"jobId":"a","type":"index-message","data":null,"jobs":[{"jobId":"a","type":"index-message","priority":"NORMAL"},{"jobId":"b","priority":"high"},{"jobId":"c","later":{"x":[1]}}]}""")]
    public async Task Each_job_of_an_event_runs_once_however_often_it_is_delivered(string data)
    {
        var runs = new ConcurrentBag<string>();
        await using var service = await QueueService.StartAsync((job, token) =>
        {
            runs.Add(job.Id);
            return DeliveryTests.Complete(job, token);
        });
        await AddAsync(service, "a", "b", "c");

        Assert.Equal("SUCCESS", await service.DeliverAsync(data));
        Assert.Equal(["a", "b", "c"], runs.Order());
        Assert.Equal("SUCCESS", await service.DeliverAsync(data));
        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobId":"b","type":"index-message"}"""));

        Assert.Equal(3, runs.Count);
        Assert.Equal((3, 3), ((await service.MetricsAsync()).Added, (await service.MetricsAsync()).Completed));
    }

    [Fact]
    public async Task An_event_is_answered_when_all_its_jobs_have_ended()
    {
        var release = new TaskCompletionSource();
        await using var service = await QueueService.StartAsync(async (job, token) =>
        {
            if (job.Id == "b")
            {
                await release.Task.WaitAsync(token);
            }

            return new JobOutcome.Completed();
        });
        await AddAsync(service, "a", "b", "c");

        var answer = service.DeliverAsync("""{"jobs":[{"jobId":"a"},{"jobId":"b"},{"jobId":"c"}]}""");
        await service.WaitForAsync("a", JobState.Completed);
        await service.WaitForAsync("c", JobState.Completed);
        Assert.False(answer.IsCompleted);
        release.SetResult();

        Assert.Equal("SUCCESS", await answer);
    }

    [Fact]
    public async Task An_event_whose_jobs_could_not_begin_is_delivered_again_and_harms_none_that_have_ended()
    {
        var runs = 0;
        SwitchedStore process = null!;
        await using var service = await QueueService.StartAsync(
            (job, token) =>
            {
                Interlocked.Increment(ref runs);
                return DeliveryTests.Complete(job, token);
            },
            new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:Lease"] = "00:00:05" }, // A run that could not begin is waited for as long.
            decorate: store =>
            {
                (var proxy, process) = SwitchedStore.Over(store);
                return proxy;
            });
        await AddAsync(service, "a", "b");
        await service.DeliverAsync("""{"jobId":"a","type":"index-message"}""");
        const string Event = """{"jobs":[{"jobId":"a"},{"jobId":"b"}]}""";

        process.IsCut = true;
        Assert.Equal("RETRY", await service.DeliverAsync(Event));
        process.IsCut = false;
        Assert.Equal("SUCCESS", await service.DeliverAsync(Event));

        // Which may be of the first delivery's run, that the record guards.
        await service.WaitForAsync("b", JobState.Completed);
        Assert.Equal((2, 2L), (runs, (await service.MetricsAsync()).CompletedTotal));
    }

    [Fact]
    public async Task A_job_that_is_not_on_record_is_told_of_and_harms_no_other()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);
        await AddAsync(service, "a");

        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobs":[{"jobId":"a"},{"jobId":"nobody","type":"index-message"}]}"""));

        Assert.Equal(JobState.Completed, (await service.FindAsync("a"))!.State);
        Assert.Contains("nothing is on record", (await service.FindAsync("nobody"))!.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jobs":[]}""")]
    [InlineData("""{"jobs":{}}""")]
    [InlineData("""{"jobs":["a"]}""")]
    [InlineData("""{"jobs":[{"type":"index-message"}]}""")]
    [InlineData("""{"jobs":[{"jobId":"a"},{"jobId":"two words"}]}""")]
    [InlineData("""{"jobs":[{"jobId":"a","priority":"URGENT"}]}""")]
    [InlineData("""{"jobs":[{"jobId":"a","priority":3}]}""")]
    [InlineData("""{"jobs":[{"jobId":"a"}],"data":{}}""")]
    [InlineData("""{"jobs":[{"jobId":"a"}],"other":1}""")]
    public async Task What_only_looks_like_it_is_a_failed_job_of_its_own(string data)
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);
        await AddAsync(service, "a");

        Assert.Equal("SUCCESS", await service.DeliverAsync(data));

        Assert.Equal((JobState.Waiting, JobState.Failed), ((await service.FindAsync("a"))!.State, (await service.FindAsync("event-1"))!.State));
    }

    [Fact]
    public async Task An_older_instance_makes_nothing_of_an_event_of_many_jobs()
    {
        await using var service = await QueueService.StartAsync(DeliveryTests.Complete);
        await service.StartSidecarAsync();
        await service.Publisher.AddBulkAsync(QueueService.Queue, [DeliveryTests.NewJob("a"), DeliveryTests.NewJob("b")], Cancellation);
        await service.WaitForAsync("b", JobState.Completed);
        var data = Encoding.UTF8.GetBytes("""{"jobId":"a","type":"send-message","data":null,"jobs":[{"jobId":"a","type":"send-message","priority":"NORMAL"},{"jobId":"b","type":"send-message","priority":"NORMAL"}]}""");

        // To the reader of one job an event it is no reference, and to that of envelopes an invalid one of a job that is on record: adding it again changes nothing.
        Assert.False(OneJobReader.IsReference(data));
        foreach (var queue in JobQueues.All)
        {
            var reading = JobEnvelopeReader.Default.Read(queue, data);
            Assert.Equal((false, "a"), (reading.IsValid, reading.JobId));
        }
    }

    private static async Task AddAsync(QueueService service, params string[] ids) =>
        await service.Store.AddAsync(QueueService.Queue, [.. ids.Select(id => DeliveryTests.NewJob(id))], Cancellation);

    /// <summary>How versions before events of many jobs tell a reference from an envelope: by having nothing but these members.</summary>
    private static class OneJobReader
    {
        public static bool IsReference(byte[] data) =>
            JsonDocument.Parse(data).RootElement.EnumerateObject().All(member => member.Name is "jobId" or "type" or "options");
    }
}
