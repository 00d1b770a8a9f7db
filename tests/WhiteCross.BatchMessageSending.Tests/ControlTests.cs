using WhiteCross.Jobs.Contracts;
using WhiteCross.Testing;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>Pausing, resuming and cancelling by the gateway.</summary>
public sealed class ControlTests(RedisServer redis)
{
    private static async Task<JobRecord> SendingAsync(BatchService service, BatchSendJob batch, string jobId)
    {
        await service.AddAsync(batch, jobId);
        return await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_paused_batch_sends_nothing_keeps_no_slot_and_goes_on_when_resumed(bool onRedis)
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground(onRedis ? redis : null));
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 250 };
        await SendingAsync(system.Batch, batch, "a/b");
        Assert.Equal(200, (await system.PostAsync("a%2Fb/pause")).Status);
        await system.Batch.WaitForAsync("a/b", record => record.State == JobState.Delayed);
        var view = await system.Batch.ViewAsync(batch.BatchId!.Value);
        Assert.Equal("suspended", (string)view["workflow"]!["status"]!);

        // Two batches of others take the queue's two slots and get through: the paused one holds none.
        var others = await Task.WhenAll(system.Batch.RunAsync(Some.Batch(4)), system.Batch.RunAsync(Some.Batch(4)));
        Assert.All(others, record => Assert.Equal(JobState.Completed, record.State));
        var sent = (int)(await system.Batch.ViewAsync(batch.BatchId.Value))["processedCount"]!;
        Assert.InRange(sent, 2, 58);

        Assert.Equal(409, (await system.PostAsync("a%2Fb/pause")).Status);
        Assert.Equal(200, (await system.PostAsync("a%2Fb/resume")).Status);
        var end = await system.Batch.EndOfAsync("a/b");
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
        Assert.Equal(68, await system.Batch.MessagesAsync());
        Assert.Equal(409, (await system.PostAsync("a%2Fb/resume")).Status);
        Assert.Equal(409, (await system.PostAsync("a%2Fb/pause")).Status);
    }

    [Fact]
    public async Task A_paused_batch_can_be_cancelled_and_its_workflow_goes()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        var batch = Some.LongBatch();
        await SendingAsync(system.Batch, batch, "job");
        await system.PostAsync("job/pause");
        await system.Batch.WaitForAsync("job", record => record.State == JobState.Delayed);
        Assert.Equal(200, (await system.PostAsync("job/cancel")).Status);
        var view = await BatchService.EventuallyAsync(async () =>
            await system.Batch.ViewAsync(batch.BatchId!.Value) is var now && (string)now["workflow"]!["status"]! == "forgotten" ? now : null);
        Assert.Equal("cancelled", (string)view["status"]!);
        Assert.Equal(0, (int)view["processedCount"]!);
        var recalled = await system.Batch.MessagesAsync();
        Assert.InRange(recalled, 2, batch.RecipientIds.Count - 2);
        Assert.Equal($"The batch was cancelled after 0 of {batch.RecipientIds.Count} recipients; {recalled} messages were recalled before a run had begun them.", (string)view["reason"]!);
    }

    [Fact]
    public async Task A_batch_with_its_recipients_is_looked_at_before_it_is_added__and_taken_as_it_is_while_nobody_can()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        Guid[] recipients = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        object Job(string id, string content) => new
        {
            jobId = id,
            data = new
            {
                senderId = Guid.NewGuid(),
                recipientIds = recipients,
                content,
                customizedMessages = new[] { new { recipientId = recipients[1], variables = new { name = "Ann" } } },
            },
        };

        var (status, body) = await system.AddAsync(string.Empty, Job("missing", "Dear {{name}}"));
        Assert.Equal((400, 2), (status, body!["errors"]!.AsObject().Count));
        Assert.All(
            ["data.recipientIds[0]", "data.recipientIds[2]"], field => Assert.Contains("The variable 'name' has no value", (string)body["errors"]![field]![0]!, StringComparison.Ordinal));
        (status, body) = await system.AddAsync(string.Empty, Job("broken", "Dear {{name"));
        Assert.Equal(400, status);
        Assert.NotNull(body!["errors"]!["data.content"]);
        (status, body) = await system.AddAsync("bulk", new { jobs = new[] { Job("one", "Dear {{name}}"), Job("two", "Dear {{name | default: 'all'}}"), Job("three", "Dear all") } });
        Assert.Equal((202, "two three"), (status, string.Join(' ', body!["accepted"]!.AsArray().Select(job => (string)job!["jobId"]!))));
        Assert.NotNull(body["rejected"]![0]!["errors"]!["data.recipientIds[0]"]);
        Assert.Equal(JobState.Completed, (await system.Batch.EndOfAsync("two")).State);

        await system.Batch.StopAppAsync();
        Assert.Equal(202, (await system.AddAsync(string.Empty, Job("later", "Dear {{name}}"))).Status);
        await system.Batch.StartAppAsync();
        Assert.Contains("name", (await system.Batch.EndOfAsync("later")).Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_jobs_and_an_absent_service_are_told()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground());
        Assert.Equal(404, (await system.PostAsync("none/pause")).Status);
        Assert.Equal(404, (await system.PostAsync("none/resume")).Status);
        await system.Batch.StopAppAsync();
        Assert.Equal(503, (await system.PostAsync("none/pause")).Status);
        await system.Batch.StartAppAsync();
    }
}
