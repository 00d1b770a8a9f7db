using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Sealing;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Batches from the job to the messages' jobs, in memory and on Redis.</summary>
public abstract class SendingTests(Func<Ground> ground)
{
    private static BatchSendJob Batch(int recipients) => Some.Batch(recipients);

    private Task<BatchService> StartAsync(params (string, string?)[] settings) => BatchService.StartAsync(ground(), null, settings);

    [Fact]
    public async Task The_service_starts_and_sends_a_batch_without_a_warning()
    {
        await using var service = await StartAsync((SealingKeys.Setting, SealedStoreTests.Keys)); // Without keys it warns of that.
        Assert.Equal(JobState.Completed, (await service.RunAsync(Some.Batch(25))).State);
        Assert.DoesNotContain(service.Logs.Lines, line =>
            (line.Contains(" Warning ", StringComparison.Ordinal) || line.Contains(" Error ", StringComparison.Ordinal))
            && !line.Contains("the heartbeat has been running for", StringComparison.Ordinal)); // Kestrel's, on a machine that gives it no time.
    }

    [Fact]
    public async Task Every_recipient_gets_one_message_and_the_job_ends_with_the_result()
    {
        await using var service = await StartAsync();
        var batch = Batch(25) with { Content = "Hello {{name}}", TemplateVariables = new() { ["name"] = Some.Json("all") } };
        var record = await service.RunAsync(batch);
        Assert.Null(record.Error);
        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(25, record.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(25, record.Result!.Value.GetProperty("recipientCount").GetInt32());
        Assert.Equal("completed", record.Result!.Value.GetProperty("status").GetString());
        Assert.Empty(record.Result!.Value.GetProperty("failedRecipients").EnumerateArray());
        Assert.Equal((3, "chunk 3 of 3"), (record.Progress.TotalSteps, record.Progress.Step));
        Assert.Equal(25, await service.MessagesAsync());
        foreach (var recipient in batch.RecipientIds)
        {
            var message = await service.SentAsync(batch.BatchId!.Value, recipient);
            Assert.Equal((recipient, batch.SenderId, "Hello all"), (message.RecipientId, message.SenderId, message.Content));
        }
    }

    [Fact]
    public async Task The_same_batch_again_sends_nothing_twice()
    {
        await using var service = await StartAsync();
        var batch = Batch(25);
        await service.RunAsync(batch);
        var again = await service.RunAsync(batch);
        Assert.Contains("belongs to job", again.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(25, await service.MessagesAsync());
    }

    [Fact]
    public async Task Recipients_get_what_was_written_for_them()
    {
        await using var service = await StartAsync();
        var batch = Batch(3) with { Content = "Hello {{name}}", TemplateVariables = new() { ["name"] = Some.Json("you"), ["day"] = Some.Json(1) } };
        batch = batch with
        {
            CustomizedMessages =
            [
                new() { RecipientId = batch.RecipientIds[0], Variables = new() { ["name"] = Some.Json("{{day}}") } },
                new() { RecipientId = batch.RecipientIds[1], Content = "Own {{name}}, day {{ day }}" },
            ],
        };
        await service.RunAsync(batch);
        Assert.Equal("Hello {{day}}", (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[0])).Content);
        Assert.Equal("Own you, day 1", (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[1])).Content);
        Assert.Equal("Hello you", (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[2])).Content);
    }

    [Fact]
    public async Task A_variable_without_a_value_fails_the_batch_before_anything_is_sent()
    {
        await using var service = await StartAsync();
        var batch = Batch(25) with { Content = "Hello" };
        batch = batch with { CustomizedMessages = [new() { RecipientId = batch.RecipientIds[24], Content = "Hello {{first}}" }] };
        var record = await service.RunAsync(batch);
        Assert.Equal((JobState.Failed, JobErrorCodes.Permanent), (record.State, record.Error!.Code));
        Assert.Contains("'first' has no value for recipient", record.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await service.MessagesAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.GetAsync(new Uri($"/batches/{batch.BatchId}", UriKind.Relative), BatchService.Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_batch_is_found_by_its_job_whatever_its_own_id()
    {
        await using var service = await StartAsync();
        var (named, unnamed) = (Batch(3), Batch(4) with { BatchId = null });
        await service.EndOfAsync(await service.AddAsync(named, "job/of-a+named&one"));
        await service.EndOfAsync(await service.AddAsync(unnamed, "job-of-one-without-id"));

        Assert.Equal((named.BatchId!.Value.ToString(), 3), await FindAsync("job/of-a+named&one"));
        Assert.Equal((BatchIds.Batch("job-of-one-without-id", null).ToString(), 4), await FindAsync("job-of-one-without-id"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/batches/find?jobId=none"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync("/batches/find"));

        async Task<(string, int)> FindAsync(string jobId)
        {
            var view = await service.Client.GetFromJsonAsync<JsonObject>(new Uri($"/batches/find?jobId={Uri.EscapeDataString(jobId)}", UriKind.Relative), BatchService.Cancellation);
            return ((string)view!["batchId"]!, (int)view["recipientCount"]!);
        }

        async Task<HttpStatusCode> StatusAsync(string path) =>
            (await service.Client.GetAsync(new Uri(path, UriKind.Relative), BatchService.Cancellation)).StatusCode;
    }

    [Fact]
    public async Task A_recipient_that_cannot_be_sent_to_is_reported_and_does_not_stop_the_others()
    {
        await using var service = await StartAsync();
        var batch = Batch(12);
        Guid[] conversations = Some.Ids(12);
        for (var i = 0; i < 12; i++)
        {
            if (i != 4)
            {
                service.Conversations.Know(conversations[i], batch.SenderId, i == 7 ? Guid.NewGuid() : batch.RecipientIds[i]);
            }
        }

        var record = await service.RunAsync(batch with { ConversationIds = conversations });
        Assert.Equal(JobState.Completed, record.State);
        Assert.Equal(
            new[] { batch.RecipientIds[4], batch.RecipientIds[7] },
            record.Result!.Value.GetProperty("failedRecipients").EnumerateArray().Select(id => id.GetGuid()));
        var view = await service.ViewAsync(batch.BatchId!.Value);
        Assert.Equal((12, 2, 10), ((int)view["processedCount"]!, (int)view["failed"]!, (int)view["onTheWay"]!));
        Assert.Contains("there is no conversation", (string)view["failedRecipients"]![0]!["error"]!, StringComparison.Ordinal);
        Assert.Contains("is not one of the sender and this recipient", (string)view["failedRecipients"]![1]!["error"]!, StringComparison.Ordinal);
        Assert.Equal(conversations[0], (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[0])).ConversationId);
    }

    [Fact]
    public async Task Conversations_are_made_when_asked_for_and_are_the_same_from_either_side()
    {
        await using var service = await StartAsync();
        var batch = Batch(5);
        await service.RunAsync(batch with { CreateConversations = true });
        Assert.Equal(5, service.Conversations.Created);
        var there = (await service.SentAsync(batch.BatchId!.Value, batch.RecipientIds[0])).ConversationId;
        var back = Batch(0) with { SenderId = batch.RecipientIds[0], RecipientIds = [batch.SenderId] };
        await service.RunAsync(back);
        Assert.Equal(there, (await service.SentAsync(back.BatchId!.Value, batch.SenderId)).ConversationId);
    }

    [Fact]
    public async Task A_batch_is_followed_on_to_delivery()
    {
        await using var service = await StartAsync();
        var batch = Batch(6);
        var jobId = await service.AddAsync(batch);
        await service.EndOfAsync(jobId);
        string[] ids = [.. batch.RecipientIds.Take(3).Select(id => BatchIds.MessageJob(batch.BatchId!.Value, id))];
        var runs = await service.Store.BeginAsync(JobQueues.MessageDelivery, [.. ids.Select(id => new BeginRequest(id, null))], BatchService.Cancellation);
        await service.Store.FinishAsync(
            JobQueues.MessageDelivery,
            [
                new RunEnd(runs[0].Run!.Key, RunEndKind.Completed),
                new RunEnd(runs[1].Run!.Key, RunEndKind.Failed) { Error = new JobError("no such user", Code: JobErrorCodes.Permanent) },
                new RunEnd(runs[2].Run!.Key, RunEndKind.Completed),
            ],
            BatchService.Cancellation);
        var view = await service.ViewAsync(batch.BatchId!.Value);
        Assert.Equal((jobId, "completed", "forgotten"), ((string)view["jobId"]!, (string)view["status"]!, (string)view["workflow"]!["status"]!));
        Assert.Equal((6, 6, 2, 1, 3), ((int)view["recipientCount"]!, (int)view["processedCount"]!, (int)view["delivered"]!, (int)view["failed"]!, (int)view["onTheWay"]!));
        Assert.Equal("no such user", (string)view["failedRecipients"]![0]!["error"]!);
        var page = await service.ViewAsync(batch.BatchId!.Value, "/recipients?state=onTheWay&limit=2");
        Assert.Equal(batch.RecipientIds[3].ToString(), (string)page["recipients"]![0]!["recipientId"]!);
        var rest = await service.ViewAsync(batch.BatchId!.Value, $"/recipients?state=onTheWay&limit=2&cursor={page["nextCursor"]}");
        Assert.Equal(batch.RecipientIds[5].ToString(), (string)Assert.Single(rest["recipients"]!.AsArray())!["recipientId"]!);
        Assert.Null(rest["nextCursor"]);
    }

    [Fact]
    public async Task What_became_of_messages_is_known_after_their_jobs_records_have_gone()
    {
        await using var service = await StartAsync();
        var batch = Batch(4);
        await service.RunAsync(batch);
        string[] ids = [.. batch.RecipientIds.Take(3).Select(id => BatchIds.MessageJob(batch.BatchId!.Value, id))];
        var runs = await service.Store.BeginAsync(JobQueues.MessageDelivery, [.. ids.Take(2).Select(id => new BeginRequest(id, null))], BatchService.Cancellation);
        await service.Store.FinishAsync(
            JobQueues.MessageDelivery,
            [
                new RunEnd(runs[0].Run!.Key, RunEndKind.Completed),
                new RunEnd(runs[1].Run!.Key, RunEndKind.Failed) { Error = new JobError("no such user", Code: JobErrorCodes.Permanent) },
            ],
            BatchService.Cancellation);
        foreach (var id in ids)
        {
            Assert.Equal(ChangeOutcome.Done, await service.Store.RemoveAsync(JobQueues.MessageDelivery, id, BatchService.Cancellation));
        }

        // The third one was removed before it ran: nobody will ever deliver it.
        var view = await service.ViewAsync(batch.BatchId!.Value);
        Assert.Equal((4, 1, 2, 1), ((int)view["processedCount"]!, (int)view["delivered"]!, (int)view["failed"]!, (int)view["onTheWay"]!));
        Assert.Equal(batch.RecipientIds[1].ToString(), (string)view["failedRecipients"]![0]!["recipientId"]!);
        Assert.Contains("record, which told more, has been removed", (string)view["failedRecipients"]![0]!["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_lasts_longer_than_its_jobs_timeout_costs_no_attempt()
    {
        await using var service = await StartAsync();
        var jobId = $"long-{Guid.NewGuid():n}";
        var options = JobQueues.DefaultOptions(JobQueues.BatchMessageSending);
        options.JobTimeout = TimeSpan.FromSeconds(5);
        await service.Publisher.AddAsync(
            JobQueues.BatchMessageSending,
            NewJobFactory.Create(jobId, Batch(60) with { ChunkSize = 1, ChunkDelay = 100 }, JobsJsonContext.Default.BatchSendJob, options, null),
            BatchService.Cancellation);
        var record = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (record.State, record.AttemptsMade));
        Assert.True(record.FinishedAt - record.CreatedAt > options.JobTimeout);
        Assert.Equal(60, await service.MessagesAsync());
    }

    /// <summary>What the delivery service does with a batch's messages: it delivers some, and is at another.</summary>
    private static async Task DeliverAsync(BatchService service, BatchSendJob batch, IEnumerable<int> delivered, int active)
    {
        foreach (var place in delivered.Append(active))
        {
            var id = BatchIds.MessageJob(batch.BatchId!.Value, batch.RecipientIds[place]);
            var run = (await service.Store.BeginAsync(JobQueues.MessageDelivery, [new BeginRequest(id)], BatchService.Cancellation))[0].Run!.Key;
            if (place != active)
            {
                await service.Store.FinishAsync(JobQueues.MessageDelivery, [new RunEnd(run, RunEndKind.Completed)], BatchService.Cancellation);
            }
        }
    }

    private static async Task<JobRecord> CancelAsync(BatchService service, string jobId)
    {
        await service.Store.CancelAsync(JobQueues.BatchMessageSending, jobId, BatchService.Cancellation);
        return await service.EndOfAsync(jobId);
    }

    [Fact]
    public async Task Messages_of_a_cancelled_batch_that_have_not_begun_are_recalled__and_numbers_stay_right_over_retries()
    {
        await using var service = await StartAsync();
        var batch = Batch(20) with { ChunkSize = 5, ChunkDelay = 1500 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 2);
        await DeliverAsync(service, batch, [0, 1, 4], active: 3);

        var record = await CancelAsync(service, jobId);

        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (record.State, record.Error!.Code));
        var recalled = (int)(await service.MessagesAsync()) - 4;
        Assert.StartsWith($"The batch was cancelled after 4 of 20 recipients; {recalled} message", record.Error.Message, StringComparison.Ordinal);
        Assert.Contains("1 has begun and goes out.", record.Error.Message, StringComparison.Ordinal);
        Assert.InRange(recalled, 1, 15);
        var view = await service.ViewAsync(batch.BatchId!.Value);
        Assert.Equal(("cancelled", 4, 3, 0, 1), ((string)view["status"]!, (int)view["processedCount"]!, (int)view["delivered"]!, (int)view["failed"]!, (int)view["onTheWay"]!));
        Assert.Contains($"; {recalled} message", (string)view["reason"]!, StringComparison.Ordinal);
        var metrics = (await service.Store.GetMetricsAsync([JobQueues.MessageDelivery], BatchService.Cancellation))[0];
        Assert.Equal((0L, 1L, 3L, 0L), (metrics.Waiting, metrics.Active, metrics.Completed, metrics.Failed));

        // Taken up again and cancelled again: the same numbers, and what goes on is where the first gap is.
        await service.Store.RetryAsync(JobQueues.BatchMessageSending, [jobId], BatchService.Cancellation);
        await service.WaitForAsync(jobId, now => now.State == JobState.Active && now.Progress.CurrentStep >= 2);
        record = await CancelAsync(service, jobId);
        Assert.StartsWith("The batch was cancelled after 4 of 20 recipients; ", record.Error!.Message, StringComparison.Ordinal);

        await service.Store.RetryAsync(JobQueues.BatchMessageSending, [jobId], BatchService.Cancellation);
        var end = await service.WaitForAsync(jobId, now => now.State == JobState.Completed);
        Assert.Equal((20, 0), (end.Result!.Value.GetProperty("processedCount").GetInt32(), end.Result.Value.GetProperty("failedCount").GetInt32()));
        metrics = (await service.Store.GetMetricsAsync([JobQueues.MessageDelivery], BatchService.Cancellation))[0];
        Assert.Equal((16L, 1L, 3L), (metrics.Waiting, metrics.Active, metrics.Completed));
    }

    [Fact]
    public async Task A_cancelled_batch_stops_within_a_chunk_and_tells_who_was_sent_to()
    {
        await using var service = await StartAsync();
        var batch = Batch(200) with { ChunkSize = 5, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        await DeliverAsync(service, batch, [0, 1], active: 2);
        await service.Store.CancelAsync(JobQueues.BatchMessageSending, jobId, BatchService.Cancellation);
        var atMost = await service.MessagesAsync() + (2 * 5); // One on its way, and the one that finds the job cancelled.
        var record = await service.EndOfAsync(jobId);
        var sent = await service.MessagesAsync();
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (record.State, record.Error!.Code));
        Assert.Contains($"cancelled after 3 of 200 recipients; {sent - 3} messages were recalled", record.Error.Message, StringComparison.Ordinal);
        Assert.InRange(sent, 10, atMost);
        var page = await service.ViewAsync(batch.BatchId!.Value, "/recipients?state=sent&limit=1000");
        Assert.Equal(batch.RecipientIds.Take(3).Select(id => id.ToString()), page["recipients"]!.AsArray().Select(one => (string)one!["recipientId"]!));
        Assert.Equal("cancelled", (string)(await service.ViewAsync(batch.BatchId.Value))["status"]!);

        // Taken up again by hand, it goes on where it stopped.
        await service.Store.RetryAsync(JobQueues.BatchMessageSending, [jobId], BatchService.Cancellation);
        var again = await service.EndOfAsync(jobId);
        Assert.Equal(JobState.Completed, again.State);
        Assert.Equal(200 + sent - 3, await service.MessagesAsync());
    }
}

/// <summary>In memory.</summary>
public sealed class EmbeddedSendingTests() : SendingTests(() => new Ground());

/// <summary>On Redis.</summary>
public sealed class RedisSendingTests(RedisServer redis) : SendingTests(() => new Ground(redis));
