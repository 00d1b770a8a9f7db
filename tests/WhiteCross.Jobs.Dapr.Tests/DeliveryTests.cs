using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CsCheck;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>What a service answers its sidecar, and what is on record then.</summary>
public sealed class DeliveryTests
{
    private const string Data = """{"messageId":"0198c0de-0000-7000-8000-000000000001","operation":"index","content":"x"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_service_subscribes_to_the_four_lanes_with_the_queues_dead_letter_topic()
    {
        await using var service = await QueueService.StartAsync(Complete, new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:BulkSubscribe"] = "true" });

        var subscriptions = await service.Client.GetFromJsonAsync<JsonArray>("/dapr/subscribe", Cancellation);

        Assert.Equal(
            ["jobs message-indexing", "jobs-critical message-indexing.critical", "jobs-high message-indexing.high", "jobs-low message-indexing.low"],
            subscriptions!.Select(subscription => $"{subscription!["pubsubName"]} {subscription["topic"]}").Order(StringComparer.Ordinal));
        Assert.All(subscriptions!, subscription => Assert.Equal("message-indexing.dead-letter", subscription!["deadLetterTopic"]!.GetValue<string>()));
        Assert.All(subscriptions!, subscription => Assert.Equal(100, subscription!["bulkSubscribe"]!["maxMessagesCount"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData($$"""{"jobId":"a","type":"index-message","data":{{Data}}}""", "a")]
    [InlineData($$"""{"data":{{Data}}}""", "event-1")]
    [InlineData(Data, "event-1")]
    public async Task An_envelope_or_bare_data_from_anybody_is_put_on_record_and_run(string data, string jobId)
    {
        await using var service = await QueueService.StartAsync(Complete);

        Assert.Equal("SUCCESS", await service.DeliverAsync(data));

        var record = await service.FindAsync(jobId);
        Assert.Equal((JobState.Completed, 1, "index-message"), (record!.State, record.AttemptsMade, record.Type));
    }

    [Fact]
    public async Task A_service_says_that_it_works_on_its_queue_until_it_stops()
    {
        var service = await QueueService.StartAsync(Complete);
        await using (service)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            IReadOnlyList<WorkerStatus> workers;
            while ((workers = await service.Store.Workers.ListAsync(QueueService.Queue, limit.Token)).Count == 0)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }

            Assert.Equal((3, 0), (Assert.Single(workers).Slots, workers[0].SlotsInUse));
        }

        Assert.Empty(await service.Store.Workers.ListAsync(QueueService.Queue, CancellationToken.None));
    }

    [Fact]
    public async Task A_reference_runs_the_job_that_is_on_record()
    {
        await using var service = await QueueService.StartAsync((job, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(job.Data.Content)));
        await service.Store.AddAsync(QueueService.Queue, [NewJob("a")], Cancellation);

        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobId":"a","type":"index-message","options":{"priority":"LOW"}}"""));

        Assert.Equal("x", (await service.FindAsync("a"))!.Result!.Value.GetString());
    }

    [Fact]
    public async Task A_reference_to_nothing_becomes_a_failed_job_that_says_what_is_missing()
    {
        await using var service = await QueueService.StartAsync(Complete);

        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobId":"a","type":"index-message"}"""));

        var record = await service.FindAsync("a");
        Assert.Equal((JobState.Failed, JobErrorCodes.Invalid), (record!.State, record.Error!.Code));
        Assert.Contains("is required", record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_data_becomes_a_failed_job_without_costing_an_attempt()
    {
        await using var service = await QueueService.StartAsync(Complete);

        Assert.Equal("SUCCESS", await service.DeliverAsync("""{"jobId":"a","data":{"messageId":"no","operation":"burn"}}"""));

        var record = await service.FindAsync("a");
        Assert.Equal((JobState.Failed, 0, JobErrorCodes.Invalid), (record!.State, record.AttemptsMade, record.Error!.Code));
        Assert.Contains("data.messageId: must be a UUID", record.Error.Message, StringComparison.Ordinal);
        Assert.Contains("data.operation: must be one of index, update, delete", record.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_delivered_again_after_its_job_completed_runs_nothing()
    {
        var runs = 0;
        await using var service = await QueueService.StartAsync((job, token) =>
        {
            runs++;
            return Complete(job, token);
        });

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("SUCCESS", await service.DeliverAsync(Data));
        }

        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task In_a_bulk_each_entry_is_answered_and_a_bad_one_harms_no_other()
    {
        await using var service = await QueueService.StartAsync(
            (job, token) => job.Id == "fails" ? throw new TimeoutException() : Complete(job, token),
            new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:BackoffDelay"] = "00:10:00" });
        var entries = new[] { ("1", Envelope("good")), ("2", """{"jobId":"bad","data":7}"""), ("3", Envelope("fails")), ("4", "null"), ("5", Envelope("last")) };
        var body = "{\"entries\":[" + string.Join(',', entries.Select(entry =>
            $$"""{"entryId":"{{entry.Item1}}","event":{"id":"event-{{entry.Item1}}","specversion":"1.0","data":{{entry.Item2}}},"metadata":{ },"contentType":""}""")) + "]}";

        using var answer = await service.PostAsync(body, "application/json");

        var statuses = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["statuses"]!.AsArray();
        Assert.Equal(["1 SUCCESS", "2 SUCCESS", "3 SUCCESS", "4 SUCCESS", "5 SUCCESS"], statuses.Select(status => $"{status!["entryId"]} {status["status"]}"));
        Assert.Equal(
            [JobState.Completed, JobState.Failed, JobState.Delayed, JobState.Failed, JobState.Completed],
            await Task.WhenAll(new[] { "good", "bad", "fails", "event-4", "last" }.Select(async id => (await service.FindAsync(id))!.State)));
    }

    [Fact]
    public async Task The_envelopes_priority_counts_whichever_lane_it_came_by()
    {
        await using var service = await QueueService.StartAsync((job, _) => Task.FromResult<JobOutcome>(new JobOutcome.Completed(job.Info.Priority)));

        await service.DeliverAsync($$"""{"jobId":"a","data":{{Data}},"options":{"priority":"critical"} }""", lane: ".low");

        Assert.Equal(JobPriority.Critical, (await service.FindAsync("a"))!.Priority);
    }

    [Fact]
    public async Task Without_the_sidecars_token_nothing_is_taken()
    {
        await using var service = await QueueService.StartAsync(Complete, new Dictionary<string, string?> { ["APP_API_TOKEN"] = "secret" });

        using var refused = await service.PostAsync($$"""{"id":"event-1","specversion":"1.0","data":{{Data}}}""", "application/cloudevents+json");
        service.Client.DefaultRequestHeaders.Add("dapr-api-token", "secret");
        using var taken = await service.PostAsync($$"""{"id":"event-2","specversion":"1.0","data":{{Data}}}""", "application/cloudevents+json");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (refused.StatusCode, taken.StatusCode));
        Assert.Null(await service.FindAsync("event-1"));
        Assert.NotNull(await service.FindAsync("event-2"));
    }

    [Fact]
    public async Task Whatever_the_bytes_are_the_answer_is_never_a_server_error()
    {
        await using var service = await QueueService.StartAsync(Complete);
        byte[][] nasty =
        [
            [], "{"u8.ToArray(), "null"u8.ToArray(), "[]"u8.ToArray(), [0xff, 0xfe], "{\"\\ud800\":1}"u8.ToArray(), "{\"id\":\"\\ud800\",\"data\":{}}"u8.ToArray(),
            "{\"id\":\"x\",\"data\":\"\\udfff\"}"u8.ToArray(), [.. Enumerable.Repeat((byte)'[', 10_000)], "{\"entries\":[{\"entryId\":\"\\ud800\"}]}"u8.ToArray(),
            "{\"specversion\":\"1.0\",\"id\":\"\\ud800\",\"data\":{}}"u8.ToArray(), "{\"id\":\"x\",\"data_base64\":\"%%%\"}"u8.ToArray(), "{\"entries\":7}"u8.ToArray(),
        ];

        foreach (var body in nasty)
        {
            await AssertTakenAsync(body);
        }

        await Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, 400], Gen.Byte).SampleAsync(
            async (noise, place, flip) =>
            {
                var mutated = System.Text.Encoding.UTF8.GetBytes($$"""{"id":"event-1","specversion":"1.0","data":{{Envelope("a")}}}""");
                mutated[place % mutated.Length] = flip;
                await AssertTakenAsync(mutated);
                await AssertTakenAsync(noise);
            },
            iter: 100);

        async Task AssertTakenAsync(byte[] body)
        {
            foreach (var contentType in new[] { "application/cloudevents+json", "application/json" })
            {
                using var answer = await service.PostAsync(body, contentType);
                Assert.True((int)answer.StatusCode < 500, $"{answer.StatusCode} for {Convert.ToHexString(body)} as {contentType}");
            }
        }
    }

    [Fact]
    public async Task A_queue_without_a_handler_for_each_of_its_types_stops_the_start()
    {
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<IJobStore>(
            builder.Services, new InMemory.InMemoryJobStore(JobQueues.DefaultOptions));
        builder.Services.AddJobQueue(JobQueues.MessageDelivery);
        await using var app = builder.Build();

        var exception = Assert.Throws<InvalidOperationException>(() => app.MapJobQueues());

        Assert.Contains("send-message, delivery-confirmation", exception.Message, StringComparison.Ordinal);
    }

    internal static Task<JobOutcome> Complete(Job<IndexMessageJob> job, CancellationToken cancellationToken) =>
        Task.FromResult<JobOutcome>(new JobOutcome.Completed());

    internal static NewJob NewJob(string jobId, int attempts = 3) => new()
    {
        JobId = jobId,
        Type = JobTypes.IndexMessage,
        Data = System.Text.Encoding.UTF8.GetBytes(Data),
        MaxAttempts = attempts,
        Backoff = new JobBackoff(JobBackoffType.Fixed, 100),
    };

    private static string Envelope(string jobId) => $$"""{"jobId":"{{jobId}}","type":"index-message","data":{{Data}}}""";
}
