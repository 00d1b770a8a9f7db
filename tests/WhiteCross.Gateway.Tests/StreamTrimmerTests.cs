using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway.Tests;

/// <summary>One stream that cannot be trimmed keeps none of the others from it.</summary>
public sealed class StreamTrimmerTests
{
    [Fact]
    public async Task Every_topic_is_trimmed_though_each_time_one_fails()
    {
        var (time, lanes) = (new FakeTimeProvider(), new FailingLanes());
        await using var gateway = await GatewayHost.StartAsync(null, time, services => services.Replace(ServiceDescriptor.Singleton<ILaneInspector>(lanes)));
        var topics = JobQueues.All.SelectMany(queue => JobLanes.All.Select(lane => lane.TopicOf(queue.Name)).Append(queue.DeadLetterTopic)).ToHashSet();

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!topics.SetEquals(lanes.Trimmed.Keys))
        {
            time.Advance(TimeSpan.FromSeconds(20));
            Assert.True(await timer.WaitForNextTickAsync(patience.Token));
        }
    }

    private sealed class FailingLanes : ILaneInspector
    {
        public ConcurrentDictionary<string, bool> Trimmed { get; } = new();

        public Task<IReadOnlyDictionary<JobPriority, TimeSpan>> GetOldestEventsAsync(string queue, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<JobPriority, TimeSpan>>(new Dictionary<JobPriority, TimeSpan>());

        public Task<long> TrimAsync(string topic, CancellationToken cancellationToken) => Trimmed.TryAdd(topic, true)
            ? throw new InvalidOperationException("This stream is no stream.")
            : Task.FromResult(0L);
    }
}
