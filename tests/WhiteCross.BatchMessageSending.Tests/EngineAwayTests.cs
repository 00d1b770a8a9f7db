using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.BatchMessageSending.Tests;

/// <summary>The workflow engine hangs, is away, or has lost an instance.</summary>
public sealed class EngineAwayTests
{
    private static readonly (string, string?) Quick = ("Batch:EngineTimeout", "00:00:01");

    [Fact]
    public async Task While_the_engine_hangs_the_job_says_so_and_waits_and_then_it_goes_on_without_an_attempt_lost()
    {
        await using var service = await BatchService.StartAsync(Quick);
        await service.SilenceEngineAsync();
        var jobId = await service.AddAsync(Some.Batch(25));
        var waiting = await service.WaitForAsync(jobId, record => record.State == JobState.Delayed);
        Assert.StartsWith("The workflow engine does not answer", waiting.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, waiting.AttemptsMade);

        await service.WakeEngineAsync();
        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
        Assert.Equal(25, await service.MessagesAsync());
    }

    [Fact]
    public async Task An_engine_that_hangs_in_the_middle_of_a_batch_costs_neither_an_attempt_nor_a_message()
    {
        await using var service = await BatchService.StartAsync(Quick);
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        await service.SilenceEngineAsync();
        var waiting = await service.WaitForAsync(jobId, record => record.State == JobState.Delayed);
        Assert.StartsWith("The workflow engine does not answer", waiting.Error!.Message, StringComparison.Ordinal);

        await service.WakeEngineAsync();
        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
        Assert.Equal(60, end.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }

    [Fact]
    public async Task A_sidecar_that_hangs_in_the_middle_of_a_batch_costs_neither_an_attempt_nor_a_message()
    {
        await using var service = await BatchService.StartAsync(Quick);
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        service.SidecarGrpc.Freeze();
        var waiting = await service.WaitForAsync(jobId, record => record.State == JobState.Delayed);
        Assert.StartsWith("The workflow engine does not answer", waiting.Error!.Message, StringComparison.Ordinal);

        service.SidecarGrpc.Thaw();
        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
        Assert.Equal(60, end.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }

    [Fact]
    public async Task An_engine_that_is_away_for_longer_than_the_jobs_timeout_costs_no_attempt()
    {
        // The engine may take longer than the job: it is the job's timeout that ends the asking, and it does not count either.
        await using var service = await BatchService.StartAsync(("Batch:EngineTimeout", "00:00:30"));
        await service.SilenceEngineAsync();
        var jobId = $"short-{Guid.NewGuid():n}";
        var options = JobQueues.DefaultOptions(JobQueues.BatchMessageSending);
        options.JobTimeout = TimeSpan.FromSeconds(10); // A tenth before its end it is put off: time enough on a slow machine, too.
        await service.Publisher.AddAsync(
            JobQueues.BatchMessageSending, NewJobFactory.Create(jobId, Some.Batch(10), JobsJsonContext.Default.BatchSendJob, options, null), BatchService.Cancellation);
        var waiting = await service.WaitForAsync(jobId, record => record.State == JobState.Delayed);
        Assert.StartsWith("The workflow engine does not answer within the job's timeout", waiting.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, waiting.AttemptsMade);

        await service.WakeEngineAsync();
        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
    }

    [Fact]
    public async Task After_the_patience_that_was_set_the_job_fails_with_the_reason_and_comes_back_with_the_engine()
    {
        await using var service = await BatchService.StartAsync(Quick, ("Batch:EnginePatience", "00:00:03"));
        var jobId = await service.AddAsync(Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 });
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        await service.SilenceEngineAsync();
        var failed = await service.WaitForAsync(jobId, record => record.State == JobState.Failed);
        Assert.StartsWith("The workflow engine does not answer", failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal((JobErrorCodes.Permanent, 1), (failed.Error.Code, failed.AttemptsMade));

        // Its workflow has not ended: the next chunk takes the job along.
        await service.WakeEngineAsync();
        var end = await service.WaitForAsync(jobId, record => record.State == JobState.Completed);
        Assert.Equal(60, end.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }

    [Fact]
    public async Task Times_that_the_engine_was_away_are_not_added_up()
    {
        await using var service = await BatchService.StartAsync(Quick, ("Batch:EnginePatience", "00:00:13"));
        var jobId = await service.AddAsync(Some.Batch(120) with { ChunkSize = 1, ChunkDelay = 100 });
        for (var time = 0; time < 3; time++)
        {
            var step = (await service.WaitForAsync(jobId, record => record.State == JobState.Active && record.Progress.CurrentStep >= 3)).Progress.CurrentStep;
            await service.WaitForAsync(jobId, record => record.Progress.CurrentStep > step);
            await service.SilenceEngineAsync();
            var since = Stopwatch.GetTimestamp();
            await service.WaitForAsync(jobId, record => record.State == JobState.Delayed && Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(5));
            await service.WakeEngineAsync();
        }

        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
    }

    [Fact]
    public async Task Whoever_asks_over_HTTP_gets_an_answer_while_the_engine_hangs()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground(), Quick);
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        await system.Batch.AddAsync(batch, "job");
        await system.Batch.WaitForAsync("job", record => record.Progress.CurrentStep >= 2);
        await system.Batch.SilenceEngineAsync();
        foreach (var action in new[] { "pause", "resume" })
        {
            var (status, problem) = await system.PostAsync($"job/{action}");
            Assert.Equal(503, status);
            Assert.StartsWith("The workflow engine does not answer", (string)problem!["detail"]!, StringComparison.Ordinal);
        }

        // To the gateway's sidecar it is an answer, and none of those that a resiliency policy repeats: who asks waits once.
        using var internally = await system.Batch.Client.PostAsync(new Uri("/internal/batches/pause?jobId=job", UriKind.Relative), null, BatchService.Cancellation);
        Assert.Equal(HttpStatusCode.FailedDependency, internally.StatusCode);
        var view = await system.Batch.ViewAsync(batch.BatchId!.Value);
        Assert.Equal(("sending", "unknown"), ((string)view["status"]!, (string)view["workflow"]!["status"]!));
        Assert.InRange((int)view["processedCount"]!, 2, 58);

        await system.Batch.WakeEngineAsync();
        var end = await system.Batch.EndOfAsync("job");
        Assert.Equal((JobState.Completed, 1), (end.State, end.AttemptsMade));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_looked_up_is_told_as_such()
    {
        await using var service = await BatchService.StartAsync(Quick, ("Batch:StateTimeout", "00:00:01"));
        service.SidecarGrpc.Freeze();
        using var answer = await service.Client.GetAsync(new Uri($"/batches/{Guid.NewGuid()}", UriKind.Relative), BatchService.Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith(
            "The sidecar's state store does not answer",
            (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(BatchService.Cancellation))!["detail"]!,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_batch_that_is_cancelled_while_the_engine_hangs_is_stopped_once_it_answers()
    {
        await using var system = await GatewayAndBatch.StartAsync(new Ground(), Quick);
        var batch = Some.LongBatch();
        await system.Batch.AddAsync(batch, "job");
        await system.Batch.WaitForAsync("job", record => record.Progress.CurrentStep >= 2);
        Assert.Equal(200, (await system.PostAsync("job/pause")).Status);
        await system.Batch.WaitForAsync("job", record => record.State == JobState.Delayed);
        await system.Batch.SilenceEngineAsync();
        Assert.Equal(200, (await system.PostAsync("job/cancel")).Status);
        var cancelled = await system.Batch.EndOfAsync("job");
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (cancelled.State, cancelled.Error!.Code));

        await system.Batch.WakeEngineAsync();
        var view = await BatchService.EventuallyAsync(async () =>
            await system.Batch.ViewAsync(batch.BatchId!.Value) is var now && (string)now["workflow"]!["status"]! == "forgotten" ? now : null);
        Assert.Equal("cancelled", (string)view["status"]!);
        Assert.InRange(await system.Batch.MessagesAsync(), 2, batch.RecipientIds.Count - 2);
    }

    [Fact]
    public async Task A_running_batch_that_is_cancelled_while_the_engine_hangs_ends_at_once_and_sends_one_chunk_more_at_most()
    {
        await using var service = await BatchService.StartAsync(Quick);
        var batch = Some.LongBatch();
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        await service.SilenceEngineAsync();
        await service.Store.CancelAsync(JobQueues.BatchMessageSending, jobId, BatchService.Cancellation);
        var end = await service.EndOfAsync(jobId);
        Assert.Equal((JobState.Failed, JobErrorCodes.Cancelled), (end.State, end.Error!.Code));
        var sent = await service.MessagesAsync();

        await service.WakeEngineAsync();
        await BatchService.EventuallyAsync(async () =>
            await service.ViewAsync(batch.BatchId!.Value) is var now && (string)now["workflow"]!["status"]! == "forgotten" ? now : null);
        Assert.InRange(await service.MessagesAsync(), sent, sent + 2);
    }

    [Fact]
    public async Task An_instance_that_is_purged_while_its_job_waits_for_it_is_started_again_and_sends_nothing_twice()
    {
        await using var service = await BatchService.StartAsync(Quick);
        var batch = Some.Batch(60) with { ChunkSize = 2, ChunkDelay = 200 };
        var jobId = await service.AddAsync(batch);
        await service.WaitForAsync(jobId, record => record.Progress.CurrentStep >= 3);
        var client = service.Services.GetRequiredService<DaprWorkflowClient>();
        var instance = batch.BatchId!.Value.ToString();

        // Purged before the job sees that it has ended: what the job then finds is nothing.
        await service.SilenceEngineAsync();
        await service.WaitForAsync(jobId, record => record.State == JobState.Delayed);
        await service.Store.PauseAsync(JobQueues.BatchMessageSending, BatchService.Cancellation);
        await service.WakeEngineAsync();
        await client.TerminateWorkflowAsync(instance, cancellation: BatchService.Cancellation);
        await client.WaitForWorkflowCompletionAsync(instance, cancellation: BatchService.Cancellation);
        await client.PurgeInstanceAsync(instance, BatchService.Cancellation);
        await service.Store.ResumeAsync(JobQueues.BatchMessageSending, BatchService.Cancellation);

        var end = await service.EndOfAsync(jobId);
        Assert.Equal(JobState.Completed, end.State);
        Assert.Equal(60, end.Result!.Value.GetProperty("processedCount").GetInt32());
        Assert.Equal(60, await service.MessagesAsync());
    }
}
