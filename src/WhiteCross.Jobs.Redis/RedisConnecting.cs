using Microsoft.Extensions.Hosting;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Has the connection of the job store made while the service starts: made by its first fifty requests, they would stand on every thread of a small
/// machine and leave none for the connection.
/// </summary>
internal sealed class RedisConnecting(IJobStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = store;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
