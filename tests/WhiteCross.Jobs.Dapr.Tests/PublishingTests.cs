using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Dapr.Tests;

/// <summary>Adding jobs one by one: the record first, the event behind it.</summary>
public sealed class PublishingTests
{
    private const int Jobs = 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_adds_waits_for_the_record_only_and_the_events_are_out_before_the_service_ends()
    {
        await using var line = new HeldLine();
        await using var service = await QueueService.StartAsync(
            DeliveryTests.Complete, new Dictionary<string, string?> { ["DAPR_GRPC_ENDPOINT"] = line.Address, [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00" });
        await service.StartSidecarAsync(delivers: false);

        var added = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(i => service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob($"job-{i}"), Cancellation).AsTask()))
            .WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        Assert.All(added, result => Assert.Equal(AddOutcome.Added, result.Outcome));
        Assert.Equal(JobState.Waiting, (await service.FindAsync("job-0"))!.State);
        Assert.Equal(0, service.Broker.Length(QueueService.Queue));

        var stopping = service.StopAsync();
        Assert.False(stopping.IsCompleted);
        line.Release(service.SidecarPort);
        await stopping.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        // Nobody reconciles: whoever comes next finds an event of every job.
        await service.StopSidecarAsync();
        await using var next = await QueueService.StartAsync(
            DeliveryTests.Complete, new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00" }, beside: service);
        await next.StartSidecarAsync();
        await Eventually.TrueAsync(async () => (await next.MetricsAsync()).CompletedTotal == Jobs);
    }

    [Fact]
    public async Task A_job_added_while_the_service_stops_is_on_record_and_announced_before_the_add_returns()
    {
        await using var service = await QueueService.StartAsync(
            DeliveryTests.Complete, new Dictionary<string, string?> { [$"Queues:{QueueService.Queue}:ReconcileAfter"] = "01:00:00" });
        await service.StartSidecarAsync();
        await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("before"), Cancellation);
        await service.WaitForAsync("before", JobState.Completed);
        await service.StopAsync();

        var added = await service.Publisher.AddAsync(QueueService.Queue, DeliveryTests.NewJob("after"), Cancellation);

        Assert.Equal(AddOutcome.Added, added.Outcome);
        Assert.Equal(2, service.Broker.Length(QueueService.Queue));
    }
}
