using Microsoft.Extensions.DependencyInjection;
using WhiteCross.Local;
using WhiteCross.MessageDelivery;
using WhiteCross.Testing;

namespace WhiteCross.EndToEnd.Tests;

/// <summary>Stopping and starting again on the same Redis.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("whitecross-");
    private RedisServer? _redis;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartLocalAsync();

    public async ValueTask DisposeAsync()
    {
        await _redis!.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_job_that_runs_when_the_system_stops_loses_no_attempt_and_the_next_start_goes_on()
    {
        var blocking = new BlockingFollowUps();
        string running;
        string waiting;
        await using (var first = await StartAsync(blocking))
        {
            using var gateway = new HttpClient { BaseAddress = first.GatewayAddress };
            running = await Jobs.AddAsync(gateway, Jobs.SendMessage(Guid.NewGuid()));
            await blocking.Started.Task.WaitAsync(TimeSpan.FromSeconds(60), Jobs.Cancellation);
            await Jobs.WaitForAsync(gateway, running, "active");
            waiting = await Jobs.AddAsync(gateway, Jobs.SendMessage(Guid.NewGuid()));
        }

        await using var second = await StartAsync(followUps: null);
        using var next = new HttpClient { BaseAddress = second.GatewayAddress };
        foreach (var jobId in new[] { running, waiting })
        {
            var record = await Jobs.WaitForAsync(next, jobId, "completed");
            Assert.Equal(1, record["attemptsMade"]!.GetValue<int>());
            Assert.Single(record["attempts"]!.AsArray());
        }
    }

    private Task<LocalSystem> StartAsync(IFollowUpJobs? followUps) => LocalSystem.StartAsync(
        SystemFixture.OptionsFor(_data, _redis!.EndPoint) with
        {
            ConfigureService = (appId, builder) =>
            {
                if (followUps is not null && appId == MessageDeliveryApp.AppId)
                {
                    builder.Services.AddSingleton(followUps);
                }
            },
        },
        Jobs.Cancellation);

    /// <summary>Makes every message's job run until it is stopped.</summary>
    private sealed class BlockingFollowUps : IFollowUpJobs
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IndexAsync(Message message, IReadOnlyList<Guid> members, CancellationToken cancellationToken)
        {
            Started.TrySetResult();
            return new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        public Task ForgetAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task NotifyAsync(Message message, Guid recipientId, string? email, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
