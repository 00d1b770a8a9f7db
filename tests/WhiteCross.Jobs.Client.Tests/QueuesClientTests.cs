using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Local;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Client.Tests;

/// <summary>Operating the queues, by every way to the gateway.</summary>
public abstract class QueuesClientTests(LocalFixture local)
{
    protected const string Queue = JobQueues.MessageCleanup;

    protected static readonly JobOptions Later = new() { Delay = 3_600_000 };

    protected static readonly Uri Nowhere = new("http://127.0.0.1:9");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected LocalSystem Local => local.System;

    [Fact]
    public async Task Queues_and_who_works_on_them__are_told()
    {
        var (queues, _) = Create();
        var all = JobQueues.All.Select(queue => queue.Name).Order().ToList();

        Assert.Equal(all, (await queues.GetMetricsAsync(Cancellation)).Queues.Keys.Order());
        Assert.Equal(Queue, (await queues.GetMetricsAsync(Queue, Cancellation)).Name);
        Assert.Equal(all, (await queues.GetHealthAsync(Cancellation)).Queues.Keys.Order());
        Assert.True((await queues.GetHealthAsync(Queue, Cancellation)).Checks.Redis);
        await Eventually.TrueAsync(async () => (await queues.GetWorkersAsync(Queue, Cancellation)).Workers.Count == 1);
        Assert.Equal(all, (await queues.GetWorkersAsync(Cancellation)).Queues.Keys.Order());
        Assert.Equal(5, (await queues.GetHistoryAsync(Queue, 5, Cancellation)).Minutes.Count);
        Assert.Equal((Queue, "6h"), (await queues.GetTrendAsync(Queue, "6h", Cancellation)) is var trend ? (trend.Name, trend.Span) : default);
    }

    [Fact]
    public async Task Jobs__are_listed_by_filters_over_all_pages()
    {
        var (queues, jobs) = Create();
        var mark = Guid.NewGuid().ToString("N");
        var ids = await jobs.AddBulkAsync(Enumerable.Range(0, 450).Select(i => new JobToAdd<CleanupMessagesJob>(Job(), Later with { Priority = i == 7 ? JobPriority.High : null }, $"{mark}-{i}")), Cancellation);

        var all = await queues.ListJobsAsync(Queue, new JobFilter { Text = mark, State = JobState.Delayed, Type = JobTypes.CleanupMessages }, Cancellation).Select(job => job.JobId).ToListAsync(Cancellation);
        var high = await queues.ListJobsAsync(Queue, new JobFilter { Text = mark, Priority = JobPriority.High, From = TimeProvider.System.GetUtcNow().AddHours(-1) }, Cancellation).ToListAsync(Cancellation);

        Assert.Equal(ids.Order(), all.Order());
        Assert.Equal([$"{mark}-7"], high.Select(job => job.JobId));
        Assert.Empty(await queues.ListJobsAsync(Queue, new JobFilter { Text = mark, State = JobState.Failed }, Cancellation).ToListAsync(Cancellation));
        Assert.Empty(await queues.ListJobsAsync(Queue, new JobFilter { Text = mark, To = TimeProvider.System.GetUtcNow().AddHours(-1) }, Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_job__is_cancelled_retried_promoted_and_removed()
    {
        var (queues, jobs) = Create();
        var jobId = $"changed/{Guid.NewGuid()}";
        await jobs.AddMessageCleanupJobAsync(Job(), Later, jobId, Cancellation);

        Assert.Equal(JobState.Delayed, (await queues.FindJobAsync(Queue, jobId, Cancellation))!.State);
        Assert.Equal(JobState.Failed, (await queues.CancelJobAsync(Queue, jobId, Cancellation)).State);
        Assert.Equal(1, await queues.RetryFailedAsync(Queue, [jobId, "nobody-knows-it"], Cancellation));
        Assert.Equal(JobState.Completed, (await jobs.WaitForEndAsync(Queue, jobId, Cancellation)).State);
        var refused = await Assert.ThrowsAsync<JobsRefusedException>(() => queues.RetryJobAsync(Queue, jobId, Cancellation));
        Assert.Equal((HttpStatusCode.Conflict, "Wrong state"), (refused.StatusCode, refused.Title));
        Assert.Equal(refused.Detail, refused.Problem!.Value.GetProperty("detail").GetString());
        await queues.RemoveJobAsync(Queue, jobId, "a test: done with it", Cancellation);
        Assert.Null(await queues.FindJobAsync(Queue, jobId, Cancellation));

        await jobs.AddMessageCleanupJobAsync(Job(), Later, $"{jobId}/2", Cancellation);
        Assert.NotEqual(JobState.Delayed, (await queues.PromoteJobAsync(Queue, $"{jobId}/2", Cancellation)).State);
        Assert.Equal(JobState.Completed, (await jobs.WaitForEndAsync(Queue, $"{jobId}/2", Cancellation)).State);
        Assert.True(await queues.CleanAsync(Queue, TimeSpan.Zero, Cancellation) >= 1);
        Assert.Null(await queues.FindJobAsync(Queue, $"{jobId}/2", Cancellation));
    }

    [Fact]
    public async Task A_queue__is_paused_and_resumed()
    {
        var (queues, _) = Create();

        await queues.PauseAsync(JobQueues.MessageEncryption, Cancellation);
        Assert.True((await queues.GetMetricsAsync(JobQueues.MessageEncryption, Cancellation)).IsPaused);
        await queues.ResumeAsync(JobQueues.MessageEncryption, Cancellation);
        Assert.False((await queues.GetMetricsAsync(JobQueues.MessageEncryption, Cancellation)).IsPaused);
    }

    [Fact]
    public async Task What_is_not_there_or_not_valid__is_said_as_such()
    {
        var (queues, _) = Create();

        Assert.Null(await queues.FindJobAsync(Queue, "nobody-knows-it", Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<JobsRefusedException>(() => queues.CancelJobAsync(Queue, "nobody-knows-it", Cancellation))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<JobsRefusedException>(() => queues.GetMetricsAsync("no-queue", Cancellation))).StatusCode);
        Assert.Equal(["minutes"], (await Assert.ThrowsAsync<JobsValidationException>(() => queues.GetHistoryAsync(Queue, 0, Cancellation))).Errors.Keys);
    }

    [Fact]
    public async Task What_happens__is_watched()
    {
        var (queues, jobs) = Create();
        var jobId = $"watched/{Guid.NewGuid()}";
        await jobs.AddMessageCleanupJobAsync(Job(), Later, jobId, Cancellation);

        var seen = new List<JobEvent>();
        await foreach (var change in queues.WatchJobAsync(Queue, jobId, Cancellation))
        {
            seen.Add(change);
            if (seen.Count == 1)
            {
                await queues.CancelJobAsync(Queue, jobId, Cancellation);
            }
        }

        Assert.Equal((JobEventKind.State, JobState.Delayed, jobId, Queue), (seen[0].Kind, seen[0].State, seen[0].JobId, seen[0].Queue));
        Assert.Equal((true, JobState.Failed), (seen[^1].IsEnd, seen[^1].State));

        await using var changes = queues.WatchAsync(Queue, Cancellation).GetAsyncEnumerator(Cancellation);
        var next = changes.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(async () =>
        {
            await jobs.AddMessageCleanupJobAsync(Job(), Later, cancellationToken: Cancellation);
            return next.IsCompleted;
        });
        Assert.True(await next);
        Assert.Equal(Queue, changes.Current.Queue);
    }

    [Fact]
    public async Task What_is_not_there__is_not_watched()
    {
        var (queues, _) = Create();

        await Assert.ThrowsAsync<JobsRefusedException>(async () => await queues.WatchAsync("no-queue", Cancellation).FirstAsync(Cancellation));
        await Assert.ThrowsAsync<JobsRefusedException>(async () => await queues.WatchJobAsync(Queue, "nobody-knows-it", Cancellation).FirstAsync(Cancellation));
        var (away, _) = Create(options => (options.Gateway, options.Sidecar) = (options.Gateway is null ? null : Nowhere, Nowhere));
        await Assert.ThrowsAsync<JobsUnavailableException>(async () => await away.WatchAsync(null, Cancellation).FirstAsync(Cancellation));
    }

    [Fact]
    public async Task Nobody_there__is_said_as_such()
    {
        var (queues, _) = Create(options => (options.Gateway, options.Sidecar) = (options.Gateway is null ? null : Nowhere, Nowhere));

        await Assert.ThrowsAsync<JobsUnavailableException>(() => queues.GetMetricsAsync(Cancellation));
    }

    protected abstract void Configure(JobsClientOptions options);

    protected static CleanupMessagesJob Job() => new() { CleanupType = CleanupType.OldMessages };

    protected (IQueuesClient Queues, IJobsClient Jobs) Create(Action<JobsClientOptions>? change = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddJobsClient(options =>
        {
            Configure(options);
            change?.Invoke(options);
        });
        var provider = services.BuildServiceProvider();
        return (provider.GetRequiredService<IQueuesClient>(), provider.GetRequiredService<IJobsClient>());
    }
}

/// <summary>Straight to the gateway.</summary>
public sealed class GatewayQueuesClientTests(LocalFixture local) : QueuesClientTests(local), IClassFixture<LocalFixture>
{
    protected override void Configure(JobsClientOptions options) => options.Gateway = Local.GatewayAddress;
}

/// <summary>Through the sidecar, which invokes the gateway.</summary>
public sealed class InvokingQueuesClientTests(LocalFixture local) : QueuesClientTests(local), IClassFixture<LocalFixture>
{
    protected override void Configure(JobsClientOptions options) => options.Sidecar = Local.SidecarAddress;
}
